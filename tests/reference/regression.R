# Reference values for analysis/explain/regression.py: the invented panel regression_data.csv and the values of lm with
# sandwich's HC3 and clustered covariances, and of plm's one-way and two-way within estimators, in regression.csv.
# Run from the repository's root: Rscript tests/reference/regression.R
suppressMessages({
  library(sandwich)
  library(plm)
})

set.seed(20250102)
companies <- 40
waves <- lapply(seq_len(companies), function(i) sort(sample(2023:2025, sample(2:3, 1))))
id <- rep(seq_len(companies), lengths(waves))
data <- data.frame(company = sprintf("c%02d", id), wave = unlist(waves))
data$alignment <- round(rnorm(companies, 55, 9)[id] + rnorm(length(id), 0, 6), 3)
data$log_size <- round(rnorm(companies, 5, 1)[id] + rnorm(length(id), 0, 0.1), 3)
data$industry <- sample(c("media", "retail", "steel"), companies, replace = TRUE)[id]
data$growth <- round(0.2 * data$alignment + rnorm(companies, 0, 4)[id] + rnorm(length(id), 0, 0.08 * data$alignment), 3)
write.csv(data, "tests/reference/regression_data.csv", row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(model, covariance, estimate, v, df) {
  se <- sqrt(diag(v))[names(estimate)]
  p <- 2 * pt(-abs(estimate / se), df)
  values <- list(estimate = estimate, std_error = se, df = df, p_value = p,
                 conf_low = estimate - qt(.975, df) * se, conf_high = estimate + qt(.975, df) * se)
  out <<- rbind(out, data.frame(model, covariance, term = names(estimate),
                                lapply(values, function(x) sprintf("%.12g", x)), row.names = NULL))
}

fit <- lm(growth ~ alignment + log_size + factor(wave) + industry, data)
clusters <- length(unique(data$company)) - 1
add("pooled", "HC3", coef(fit), vcovHC(fit, type = "HC3"), fit$df.residual)
add("pooled", "cluster", coef(fit), vcovCL(fit, cluster = data$company, type = "HC1"), clusters)

kept <- c("alignment", "log_size")
for (model in c("one-way", "two-way")) {
  effects <- if (model == "two-way") "twoways" else "individual"
  formula <- if (model == "two-way") growth ~ alignment + log_size + factor(wave) + factor(company)
             else growth ~ alignment + log_size + factor(company)
  dummies <- lm(formula, data)
  within <- plm(growth ~ alignment + log_size, data, index = c("company", "wave"), model = "within", effect = effects)
  stopifnot(all.equal(coef(dummies)[kept], coef(within)[kept]))
  add(model, "HC3", coef(dummies)[kept], vcovHC(dummies, type = "HC3")[kept, kept], dummies$df.residual)
  # Company effects are nested in the clusters and do not count in the correction; wave effects do.
  k <- 2 + if (model == "two-way") length(unique(data$wave)) - 1 else 0
  G <- clusters + 1
  n <- nrow(data)
  v <- plm::vcovHC(within, method = "arellano", type = "HC0", cluster = "group")[kept, kept]
  add(model, "cluster", coef(within)[kept], G / (G - 1) * (n - 1) / (n - k) * v, clusters)
}
write.csv(out, "tests/reference/regression.csv", row.names = FALSE, quote = FALSE)
