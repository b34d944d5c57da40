# Reference values for analysis/explain/response_surface.py and constrained_surfaces.py: the invented panel
# surface_data.csv, and in surface.csv what lm gives with classical, sandwich's HC3 and clustered covariances, with
# weights and controls, under four centrings; the constrained models by lm and optimise.
# Run from the repository's root: Rscript tests/reference/surface.R
suppressMessages(library(sandwich))

set.seed(20250110)
companies <- 60
id <- rep(seq_len(companies), each = 2)
level <- rnorm(companies, 58, 8)[id] + rnorm(length(id), 0, 3)
gap <- rnorm(companies, 4, 10)[id] + rnorm(length(id), 0, 4)
data <- data.frame(company = sprintf("c%02d", id), wave = rep(2024:2025, companies))
data$sales <- round(level - gap / 2, 3)
data$marketing <- round(level + gap / 2, 3)
data$log_size <- round(rnorm(companies, 5, 1)[id], 3)
data$weight <- round(runif(length(id), 0.3, 3), 3)
data$growth <- round(4 + 0.15 * (level - 58) - 0.01 * gap^2 + 0.5 * data$log_size + rnorm(companies, 0, 2)[id] +
                     rnorm(length(id), 0, 3), 3)
write.csv(data, "tests/reference/surface_data.csv", row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(what, name, value) {
  out <<- rbind(out, data.frame(what, name, value = sprintf("%.14g", value)))
}
contrasts <- rbind(a1 = c(1, 1, 0, 0, 0), a2 = c(0, 0, 1, 1, 1), a3 = c(1, -1, 0, 0, 0), a4 = c(0, 0, 1, -1, 1),
                   a5 = c(0, 0, 1, 0, -1))
centres <- list(none = c(0, 0), pooled = rep(mean(c(data$sales, data$marketing)), 2),
                variablewise = c(mean(data$sales), mean(data$marketing)), midpoint = c(50, 50))
terms <- c("x", "y", "I(x^2)", "I(x * y)", "I(y^2)")
formula <- growth ~ x + y + I(x^2) + I(x * y) + I(y^2) + log_size + factor(wave)
wald <- function(value, v) drop(t(value) %*% solve(v, value)) / length(value)

for (centring in names(centres)) {
  for (weighted in c(FALSE, TRUE)) {
    d <- transform(data, x = (sales - centres[[centring]][1]) / 10, y = (marketing - centres[[centring]][2]) / 10)
    d$w <- if (weighted) d$weight else 1
    fit <- lm(formula, d, weights = w)
    b <- coef(fit)[terms]
    covariances <- list(classical = vcov(fit), HC3 = vcovHC(fit, type = "HC3"),
                        cluster = vcovCL(fit, cluster = d$company, type = "HC1"))
    model <- paste(centring, if (weighted) "weighted" else "plain")
    for (i in 1:5) add(model, paste0("b", i), b[i])
    a <- drop(contrasts %*% b)
    for (name in names(covariances)) {
      v <- covariances[[name]][terms, terms]
      for (i in 1:5) add(paste(model, name), paste0("se_b", i), sqrt(v[i, i]))
      se <- sqrt(diag(contrasts %*% v %*% t(contrasts)))
      df <- if (name == "cluster") companies - 1 else fit$df.residual
      for (i in 1:5) {
        add(paste(model, name), rownames(contrasts)[i], a[i])
        add(paste(model, name), paste0("se_a", i), se[i])
        add(paste(model, name), paste0("p_a", i), 2 * pt(-abs(a[i] / se[i]), df))
        add(paste(model, name), paste0("low_a", i), a[i] - qt(.975, df) * se[i])
      }
      add(paste(model, name), "F_all", wald(b, v))
      squared <- rbind(c(1, 0, 0, 0, 0), c(0, 1, 0, 0, 0), c(0, 0, 1, 0, -1), c(0, 0, 2, 1, 0))
      add(paste(model, name), "F_squared_difference", wald(drop(squared %*% b), squared %*% v %*% t(squared)))
    }
    cubic <- lm(update(formula, . ~ . + I(x^3) + I(x^2 * y) + I(x * y^2) + I(y^3)), d, weights = w)
    higher <- c("I(x^3)", "I(x^2 * y)", "I(x * y^2)", "I(y^3)")
    add(paste(model, "classical"), "F_cubic", wald(coef(cubic)[higher], vcov(cubic)[higher, higher]))
    root <- sqrt((b[3] - b[5])^2 + b[4]^2)
    x0 <- (b[2] * b[4] - 2 * b[1] * b[5]) / (4 * b[3] * b[5] - b[4]^2)
    y0 <- (b[1] * b[4] - 2 * b[2] * b[3]) / (4 * b[3] * b[5] - b[4]^2)
    p11 <- (b[5] - b[3] + root) / b[4]
    p21 <- (b[5] - b[3] - root) / b[4]
    for (pair in list(list("x0", x0), list("y0", y0), list("p11", p11), list("p21", p21), list("p10", y0 - p11 * x0),
                      list("p20", y0 - p21 * x0))) add(model, pair[[1]], pair[[2]])
  }
}

# Constrained models, with the controls, pooled centring, weighted.
d <- transform(data, x = (sales - centres$pooled[1]) / 10, y = (marketing - centres$pooled[2]) / 10)
aicc <- function(fit, extra = 0) {
  k <- length(coef(fit)) + 1 + extra
  -2 * as.numeric(logLik(fit)) + 2 * k * nrow(d) / (nrow(d) - k - 1)
}
models <- list(null = "1", onlyx = "x", onlyy = "y", mean = "I(x + y)", diff = "I(x - y)", additive = "x + y",
               IA = "x + y + I(x * y)", SQD = "I((x - y)^2)", SSQD = "I(x - y) + I((x - y)^2)",
               RR = "I(x + y) + I((x - y)^2)", SRR = "x + y + I((x - y)^2)",
               full = "x + y + I(x^2) + I(x * y) + I(y^2)")
for (name in names(models)) {
  fit <- lm(as.formula(paste("growth ~ log_size + factor(wave) +", models[[name]])), d, weights = weight)
  add("models", paste("logLik", name), as.numeric(logLik(fit)))
  add("models", paste("AICc", name), aicc(fit))
}
turned <- function(own) {
  at <- function(t) {
    d$r <- d$y * cos(t) - d$x * sin(t)
    right <- if (own) "r + I(r^2)" else "x + y + I(r^2)"
    lm(as.formula(paste("growth ~ log_size + factor(wave) +", right)), d, weights = weight)
  }
  grid <- seq(0, pi, length.out = 721)
  best <- grid[which.min(sapply(grid, function(t) deviance(at(t))))]
  at(optimise(function(t) deviance(at(t)), best + c(-0.01, 0.01), tol = 1e-10)$minimum)
}
for (name in c("SRSQD", "SRRR")) {
  fit <- turned(name == "SRSQD")
  add("models", paste("logLik", name), as.numeric(logLik(fit)))
  add("models", paste("AICc", name), aicc(fit, extra = 1))
}
write.csv(out, "tests/reference/surface.csv", row.names = FALSE, quote = FALSE)
