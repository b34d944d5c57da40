# Reference values for the estimators and errors of analysis/explain: the invented panel models_data.csv (not every
# company is in every wave, companies have weights) and what plm, sandwich, clubSandwich, lme4, quantreg and MASS make
# of it, in models.csv. Run from the repository's root: Rscript tests/reference/models.R
suppressMessages({
  library(sandwich)
  library(clubSandwich)
  library(plm)
  library(lme4)
  library(quantreg)
  library(MASS)
})

set.seed(20250701)
companies <- 36
waves <- lapply(seq_len(companies), function(i) sort(sample(2021:2025, sample(2:5, 1))))
id <- rep(seq_len(companies), lengths(waves))
n <- length(id)
industries <- sample(c("media", "retail", "steel", "trade", "water", "wood", "wool"), companies, replace = TRUE)
data <- data.frame(company = sprintf("c%02d", id), wave = unlist(waves), industry = industries[id])
data$alignment <- round(rnorm(companies, 55, 9)[id] + rnorm(n, 0, 6), 3)
data$size <- round(rnorm(companies, 5, 1)[id] + rnorm(n, 0, 0.1), 3)
slopes <- rnorm(companies, 0.3, 0.25)
data$growth <- round(slopes[id] * data$alignment + rnorm(companies, 0, 4)[id] +
                     rnorm(n, 0, 0.08 * data$alignment), 3)
data$growth[c(7, 70)] <- data$growth[c(7, 70)] + c(60, -50)
data$weight <- round(rexp(companies)[id] + runif(n, 0.2, 0.6), 3)
data$better <- as.numeric(data$growth > 20)
write.csv(data, "tests/reference/models_data.csv", row.names = FALSE, quote = FALSE)
data$period <- factor(data$wave)

out <- data.frame()
add <- function(model, errors, b, v, df = NA, terms = names(b)) {
  se <- suppressWarnings(sqrt(diag(v)))
  names(se) <- names(b)
  df <- rep(df, length.out = length(b))
  names(df) <- names(b)
  row <- function(x) sprintf("%.12g", x[terms])
  out <<- rbind(out, data.frame(model, errors, term = terms, estimate = row(b), std_error = row(se), df = row(df),
                                row.names = NULL))
}
number <- function(model, what, value) {
  out <<- rbind(out, data.frame(model, errors = "", term = what, estimate = sprintf("%.12g", value), std_error = NA,
                                df = NA))
}
kept <- c("alignment", "size")
of_company <- data$company

linear <- function(model, fit, terms = kept) {
  b <- coef(fit)
  for (type in c("const", "HC0", "HC1", "HC2", "HC3")) {
    v <- if (type == "const") vcov(fit) else vcovHC(fit, type = type)
    add(model, if (type == "const") "classical" else type, b, v, fit$df.residual, terms)
  }
  cr2 <- vcovCR(fit, cluster = of_company, type = "CR2")
  test <- coef_test(fit, vcov = cr2, test = "Satterthwaite")
  add(model, "CR2", b, as.matrix(cr2), if (is.null(test$df_Satt)) test$df else test$df_Satt, terms)
  if (model == "within weighted") return(by_definition(fit, data$industry))
  by_industry <- vcovCR(fit, cluster = data$industry, type = "CR2")
  test <- coef_test(fit, vcov = by_industry, test = "Satterthwaite")
  add(model, "CR2 by industry", b, as.matrix(by_industry), if (is.null(test$df_Satt)) test$df else test$df_Satt, terms)
}
# clubSandwich 0.5.8 lets eigenvalues that are zero but for rounding into this case; here CR2 is computed as defined.
by_definition <- function(fit, cluster) {
  x <- model.matrix(fit)
  w <- weights(fit)
  m <- solve(crossprod(x, w * x))
  away <- diag(nrow(x)) - x %*% m %*% t(w * x)
  b <- away %*% t(away)
  p <- lapply(kept, function(term) sapply(unique(cluster), function(g) {
    s <- which(cluster == g)
    e <- eigen(b[s, s], symmetric = TRUE)
    root <- e$vectors %*% (ifelse(e$values > 1e-10, abs(e$values)^-0.5, 0) * t(e$vectors))
    t(away[s, ]) %*% (root %*% (w[s] * x[s, ]) %*% m[, term])
  }))
  names(p) <- kept
  v <- diag(sapply(p, function(a) sum(crossprod(a, model.response(model.frame(fit)))^2)))
  add("within weighted", "CR2 by industry", coef(fit)[kept], v, sapply(p, function(a) sum(diag(crossprod(a)))^2 / sum(crossprod(a)^2)))
}
weight <- data$weight
pooled <- lm(growth ~ alignment + size + period, data)
weighted <- lm(growth ~ alignment + size + period, data, weights = weight)
within <- lm(growth ~ alignment + size + period + company, data)
within_weighted <- lm(growth ~ alignment + size + period + company, data, weights = weight)
linear("pooled", pooled)
linear("weighted", weighted)
linear("within", within)
linear("within weighted", within_weighted)
for (model in c("pooled", "weighted")) {
  fit <- get(model)
  b <- coef(fit)
  add(model, "cluster", b, vcovCL(fit, ~ company, type = "HC1"), companies - 1, kept)
  add(model, "cluster by industry", b, vcovCL(fit, ~ industry, type = "HC1"), length(unique(data$industry)) - 1, kept)
  add(model, "cluster by company and wave", b, vcovCL(fit, ~ company + wave, type = "HC1"), 4, kept)
}

# Wild cluster bootstrap with the null imposed, by industry: every vector of signs, each refitted by lm.
by <- data$industry
signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(unique(by)))))
colnames(signs) <- sort(unique(by))
wild_p <- function(weights, null) {
  data$w <- weights
  t_of <- function(y) {
    fit <- lm(y ~ alignment + size + period, data, weights = w)
    (coef(fit)[["alignment"]] - null) / sqrt(vcovCL(fit, by, type = "HC1")["alignment", "alignment"])
  }
  restricted <- lm(growth - null * alignment ~ size + period, data, weights = w)
  fitted <- fitted(restricted) + null * data$alignment
  star <- apply(signs, 1, function(s) t_of(fitted + s[by] * residuals(restricted)))
  mean(abs(star) >= abs(t_of(data$growth)) * (1 - 1e-9))
}
for (null in c(0, 0.1, 0.3)) {
  number("pooled", sprintf("wild p of %.1f", null), wild_p(rep(1, n), null))
  number("weighted", sprintf("wild p of %.1f", null), wild_p(data$weight, null))
}

p <- pdata.frame(data[, c("company", "wave", "growth", "alignment", "size")], index = c("company", "wave"))

effects <- plm(growth ~ alignment + size, p, model = "random")
add("random effects", "classical", coef(effects), vcov(effects), effects$df.residual, c("(Intercept)", kept))
number("random effects", "variance within", ercomp(effects)$sigma2[["idios"]])
number("random effects", "variance between", ercomp(effects)$sigma2[["id"]])
between <- plm(growth ~ alignment + size, p, model = "between")
add("between", "classical", coef(between), vcov(between), between$df.residual, c("(Intercept)", kept))

# Differences between waves one year apart only.
before <- data
before$wave <- before$wave + 1
pairs <- merge(data, before, by = c("company", "wave"), suffixes = c("", "_before"))
pairs <- transform(pairs, d_growth = growth - growth_before, d_alignment = alignment - alignment_before,
                   d_size = size - size_before)
differences <- lm(d_growth ~ d_alignment + d_size, pairs)
b <- setNames(coef(differences), c("(Intercept)", kept))
add("first differences", "classical", b, unname(vcov(differences)), differences$df.residual)
add("first differences", "cluster", b, unname(vcovCL(differences, ~ company, type = "HC1")),
    length(unique(pairs$company)) - 1)
lagged <- lm(growth ~ alignment + size + growth_before, pairs)
add("lagged outcome", "HC3", coef(lagged), vcovHC(lagged, type = "HC3"), lagged$df.residual)
earlier <- lm(growth ~ alignment_before + size, pairs)
add("earlier alignment", "HC3", coef(earlier), vcovHC(earlier, type = "HC3"), earlier$df.residual)

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e5, rhoend = 1e-10))
means <- transform(data, alignment_mean = ave(alignment, company), size_mean = ave(size, company))
means <- transform(means, alignment_own = alignment - alignment_mean, size_own = size - size_mean)
hybrid <- lmer(growth ~ alignment_own + size_own + alignment_mean + size_mean + (1 | company), means, control = tight)
add("within-between", "classical", fixef(hybrid), as.matrix(vcov(hybrid)))
centred <- transform(data, alignment_c = alignment - mean(alignment))
for (method in c("REML", "ML")) {
  simple <- lmer(growth ~ alignment + size + (1 | company), data, REML = method == "REML", control = tight)
  add(paste("mixed intercepts", method), "classical", fixef(simple), as.matrix(vcov(simple)))
  number(paste("mixed intercepts", method), "log likelihood", as.numeric(logLik(simple)))
  slopes <- lmer(growth ~ alignment_c + size + (1 + alignment_c | company), centred, REML = method == "REML", control = tight)
  add(paste("mixed slopes", method), "classical", fixef(slopes), as.matrix(vcov(slopes)))
  number(paste("mixed slopes", method), "log likelihood", as.numeric(logLik(slopes)))
  number(paste("mixed slopes", method), "slope variance", VarCorr(slopes)$company[2, 2])
  number(paste("mixed slopes", method), "residual variance", sigma(slopes)^2)
}

for (tau in c(0.5, 0.75)) {
  median <- rq(growth ~ alignment + size, tau, data)
  x <- cbind(1, data$alignment, data$size)
  u <- residuals(median)
  v <- summary(median, se = "ker", covariance = TRUE, hs = TRUE)$cov
  name <- sprintf("quantile %.2f", tau)
  add(name, "classical", coef(median), v, n - 3)
  # The kernel's bread out of its own covariance: v = tau (1 - tau) B X'X B, so that B = v^(1/2)-free by h as in rq.
  h <- bandwidth.rq(tau, n, hs = TRUE)
  while (tau - h < 0 || tau + h > 1) h <- h / 2
  h <- (qnorm(tau + h) - qnorm(tau - h)) * min(sqrt(var(u)), (quantile(u, 0.75) - quantile(u, 0.25)) / 1.34)
  bread <- solve(crossprod(sqrt(dnorm(u / h) / h) * x))
  stopifnot(all.equal(unname(tau * (1 - tau) * bread %*% crossprod(x) %*% bread), unname(v)))
  S <- rowsum((tau - (u < -1e-9)) * x * (abs(u) > 1e-9), of_company)
  G <- companies
  add(name, "cluster", coef(median), G / (G - 1) * (n - 1) / (n - 3) * bread %*% crossprod(S) %*% bread, G - 1)
}

robust <- rlm(growth ~ alignment + size, data, acc = 1e-13, maxit = 1000)
add("robust", "classical", coef(robust), vcov(robust), n - 3)
add("robust", "HC0", coef(robust), sandwich(robust), n - 3)
add("robust", "cluster", coef(robust), vcovCL(robust, ~ company, type = "HC1"), companies - 1)

logit <- glm(better ~ alignment + size, binomial, data, control = list(epsilon = 1e-14))
add("logistic", "classical", coef(logit), vcov(logit), n - 3)
add("logistic", "HC0", coef(logit), vcovHC(logit, type = "HC0"), n - 3)
add("logistic", "cluster", coef(logit), vcovCL(logit, ~ company, type = "HC1"), companies - 1)
logit_weighted <- suppressWarnings(glm(better ~ alignment + size, binomial, data, weights = weight, control = list(epsilon = 1e-14)))
add("logistic weighted", "HC0", coef(logit_weighted), vcovHC(logit_weighted, type = "HC0"), n - 3)
write.csv(out, "tests/reference/models.csv", row.names = FALSE, quote = FALSE)
