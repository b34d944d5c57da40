# Reference values for the replicate weights of analysis/infer and for analysis/infer/design_regression.py.
# Writes the invented data, replicates_data.csv, R's factors of clusters, replicates_factors.csv, and the values,
# replicates.csv, beside this script. Run from the repository's root: Rscript tests/reference/replicates.R
suppressMessages(library(survey))

set.seed(20260301)
pairs <- c(2, 4, 2, 6, 2, 4)
strata <- rep(seq_along(pairs), pairs)
companies <- length(strata)
members <- sample(4:9, companies, replace = TRUE)
of <- rep(seq_len(companies), members)
n <- length(of)
level <- rnorm(companies, 0, 0.6)[of]
data <- data.frame(
  company = sprintf("c%02d", of), stratum = letters[strata[of]],
  population = c(8, 11, 5, 30, 9, 14)[strata[of]],
  weight = round(runif(companies, 1, 6)[of] * runif(n, 0.7, 1.3), 3),
  segment = sample(c("north", "south", "west"), n, replace = TRUE, prob = c(.5, .35, .15))
)
data$x <- round(rnorm(n, 3 + level, 1), 3)
data$size <- round(rlnorm(n, 3, 0.5), 2)
data$y <- round(50 + 4 * data$x + 6 * level + rnorm(n, 0, 5), 3)
data$won <- rbinom(n, 1, plogis(-2 + 0.6 * data$x + level))
data$deals <- rpois(n, exp(0.3 + 0.25 * data$x + 0.5 * level))
latent <- 0.8 * data$x + level + rlogis(n)
data$stage <- as.integer(cut(latent, c(-Inf, 1, 2.5, 4, Inf)))
data$y[sample(n, 6)] <- NA
data$x[sample(n, 3)] <- NA
write.csv(data, "tests/reference/replicates_data.csv", row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(design, what, cell, term, estimate, std_error, df = NA) {
  values <- lapply(list(estimate = estimate, std_error = std_error, df = df), function(v) sprintf("%.12g", as.numeric(v)))
  out <<- rbind(out, data.frame(design, what, cell, term, values))
}
plain <- svydesign(~company, weights = ~weight, data = data)
whole <- svydesign(~company, strata = ~stratum, weights = ~weight, data = data)
finite <- svydesign(~company, strata = ~stratum, weights = ~weight, fpc = ~population, data = data)
bootstrapped <- as.svrepdesign(whole, type = "subbootstrap", replicates = 40)
drawn <- as.svrepdesign(finite, type = "bootstrap", replicates = 40)
designs <- list(
  JK1 = as.svrepdesign(plain, type = "JK1"),
  JKn = as.svrepdesign(whole, type = "JKn"),
  JKn_finite = as.svrepdesign(finite, type = "JKn"),
  JKn_mse = as.svrepdesign(whole, type = "JKn", mse = TRUE),
  BRR = as.svrepdesign(whole, type = "BRR"),
  Fay = as.svrepdesign(whole, type = "Fay", fay.rho = 0.3),
  subbootstrap = bootstrapped,
  bootstrap = drawn
)
# Weights as a study would supply them: whole, one row a respondent.
given <- as.matrix(weights(designs$Fay, "analysis"))
designs$combined <- svrepdesign(variables = data, repweights = given, weights = data$weight, type = "Fay", rho = 0.3)

factors <- data.frame()
for (name in c("BRR", "Fay", "subbootstrap", "bootstrap")) {
  w <- weights(designs[[name]], "replication")[!duplicated(data$company), ]
  colnames(w) <- paste0(name, seq_len(ncol(w)))
  factors <- if (nrow(factors)) cbind(factors, w) else data.frame(company = unique(data$company), w)
}
for (name in names(factors)[-1]) factors[[name]] <- sprintf("%.12g", factors[[name]])
write.csv(factors, "tests/reference/replicates_factors.csv", row.names = FALSE, quote = FALSE)

exact <- list(reltol = 1e-16, maxit = 500, ndeps = rep(1e-4, 6))
models <- list(
  gaussian = list(y ~ x + segment, gaussian()),
  logistic = list(won ~ x + segment, quasibinomial()),
  poisson = list(deals ~ x + segment, quasipoisson())
)
data$grade <- factor(data$stage)

# What svyolr does with replicate weights, which takes no control of its search there: polr under each.
fit_again <- function(design) {
  one <- function(w, start = NULL) {
    rows <- cbind(design$variables, w = w / mean(w))
    arguments <- list(grade ~ x + segment, rows, weights = rows$w, control = list(reltol = 1e-16, maxit = 1000))
    fit <- suppressWarnings(do.call(MASS::polr, if (is.null(start)) arguments else c(arguments, list(start = start))))
    c(fit$coefficients, fit$zeta)
  }
  full <- one(weights(design, "sampling"))
  again <- t(apply(weights(design, "analysis"), 2, one, start = full))
  slopes <- seq_len(3)
  list(
    coefficients = full[slopes], zeta = full[-slopes], df.residual = degf(design) - 3,
    var = svrVar(again, design$scale, design$rscales, mse = FALSE, coef = full)
  )
}

regress <- function(name, design) {
  for (m in names(models)) {
    fit <- do.call(svyglm, list(models[[m]][[1]], design, family = models[[m]][[2]]))
    add(name, m, "all", names(coef(fit)), coef(fit), SE(fit), fit$df.residual)
  }
  design <- update(design, grade = factor(stage))
  fit <- if (inherits(design, "svyrep.design")) fit_again(subset(design, !is.na(x))) else {
    svyolr(grade ~ x + segment, design, control = exact)
  }
  values <- c(fit$coefficients, fit$zeta)
  add(name, "ordinal", "all", names(values), values, sqrt(diag(fit$var)), fit$df.residual)
}

middle <- function(w, data) {
  used <- !is.na(data$y)
  o <- order(data$y[used])
  share <- cumsum(w[used][o]) / sum(w[used])
  data$y[used][o][which(share >= 0.5)[1]]
}
for (name in names(designs)) {
  d <- designs[[name]]
  both <- svymean(~x + y, d, na.rm = TRUE)
  add(name, "whole", "all", "df", degf(d), NA)
  for (v in c("x", "y", "size")) {
    f <- as.formula(paste0("~", v))
    m <- svymean(f, d, na.rm = TRUE)
    add(name, "mean", "all", v, coef(m), SE(m), degf(subset(d, !is.na(data[[v]]))))
    b <- svyby(f, ~segment, d, svymean, na.rm = TRUE)
    dfs <- sapply(b$segment, function(s) degf(subset(d, segment == s & !is.na(data[[v]]))))
    add(name, "mean", b$segment, v, coef(b), SE(b), dfs)
    t <- svytotal(f, d, na.rm = TRUE)
    add(name, "total", "all", v, coef(t), SE(t))
  }
  r <- svyratio(~y, ~size, d, na.rm = TRUE)
  add(name, "ratio", "all", "y/size", coef(r), SE(r))
  s <- svymean(~factor(stage), d)
  add(name, "share", "all", 1:4, 100 * coef(s), 100 * SE(s))
  q <- withReplicates(d, middle)
  add(name, "median", "all", "y", coef(q), SE(q))
  v <- svyby(~x, ~segment, d, svymean, na.rm = TRUE, covmat = TRUE)
  c <- svycontrast(v, c(-1, 1, 0))
  add(name, "contrast", "south - north", "x", coef(c), SE(c))
  if (name %in% c("JK1", "JKn", "Fay", "subbootstrap")) regress(name, d)
}
# Known totals, met in every replicate.
counts <- data.frame(segment = c("north", "south", "west"), Freq = c(300, 150, 60))
sums <- c(`(Intercept)` = 510, segmentsouth = 150, segmentwest = 60, size = 12000)
for (name in c("JKn", "subbootstrap")) {
  tied <- list(
    poststratified = postStratify(designs[[name]], ~segment, counts, compress = FALSE),
    linear = calibrate(designs[[name]], ~ segment + size, sums, compress = FALSE)
  )
  for (what in names(tied)) {
    m <- svymean(~x, tied[[what]], na.rm = TRUE)
    add(name, what, "all", "x", coef(m), SE(m))
    b <- svyby(~x, ~segment, tied[[what]], svymean, na.rm = TRUE)
    add(name, what, b$segment, "x", coef(b), SE(b))
    fit <- svyglm(won ~ x, tied[[what]], family = quasibinomial(), control = list(epsilon = 1e-12))
    add(name, paste(what, "logistic"), "all", names(coef(fit)), coef(fit), SE(fit))
  }
}

# A stratum with one cluster, by every option.
few <- data[data$company != "c01", ]
for (option in c("adjust", "average", "remove", "certainty")) {
  options(survey.lonely.psu = option)
  d <- as.svrepdesign(svydesign(~company, strata = ~stratum, weights = ~weight, data = few), type = "JKn")
  t <- svytotal(~size, d)
  add("JKn_lonely", option, "all", "size", coef(t), SE(t), degf(d))
}
options(survey.lonely.psu = "fail")
regress("Taylor", whole)
regress("Taylor_finite", finite)
regress("Taylor_plain", plain)
write.csv(out, "tests/reference/replicates.csv", row.names = FALSE, quote = FALSE)
