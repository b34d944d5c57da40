# Reference values for analysis/explain/replicated.py: models under odd replicate weights, by svyglm of a svrepdesign and
# by withReplicates of rq and rlm. Writes the invented panel with its factors, replicated_models_data.csv, and the values,
# replicated_models.csv, beside this script. Run from the repository's root: Rscript tests/reference/replicated_models.R
suppressMessages({
  library(survey)
  library(quantreg)
})

set.seed(20260815)
companies <- 12
waves <- lapply(seq_len(companies), function(i) sort(sample(2023:2025, sample(2:3, 1))))
id <- rep(seq_len(companies), lengths(waves))
n <- length(id)
data <- data.frame(company = sprintf("c%02d", id), wave = unlist(waves), stratum = c("a", "b", "c")[(id + 1) %% 3 + 1])
data$weight <- round(runif(companies, 1, 6)[id] * runif(n, 0.7, 1.3), 3)
data$alignment <- round(rnorm(companies, 55, 9)[id] + rnorm(n, 0, 6), 3)
data$size <- round(rnorm(companies, 5, 1)[id] + rnorm(n, 0, 0.4), 3)
# One company alone makes mining, which therefore vanishes from some replicates.
data$industry <- c("media", "retail", "mining")[ifelse(id == 12, 3, id %% 2 + 1)]
data$growth <- round(0.2 * data$alignment + 2 * data$size + rnorm(companies, 0, 3)[id] + rnorm(n, 0, 3), 3)
data$better <- as.integer(data$growth + rnorm(n, 0, 6) > median(data$growth))
data$growth[c(3, which(id == 5))] <- NA
count <- 14
# Factors differ between waves of a company; whole companies are out of some replicates.
company_factors <- matrix(sample(c(0, 1, 1, 2), companies * count, replace = TRUE), companies)
odd <- round(company_factors[id, ] * matrix(runif(n * count, 0.5, 1.5), n), 3)
odd[id == 12, 1:2] <- 0
odd[id == 11, 1:4] <- 1
colnames(odd) <- paste0("odd", seq_len(count))
write.csv(cbind(data, odd), "tests/reference/replicated_models_data.csv", row.names = FALSE, quote = FALSE)
data$period <- factor(data$wave)

out <- data.frame()
add <- function(design, model, b, v, df = NA) {
  values <- lapply(list(estimate = b, std_error = sqrt(diag(as.matrix(v))), df = df), function(x) sprintf("%.12g", x))
  out <<- rbind(out, data.frame(design, model, term = names(b), values, row.names = NULL))
}
rscales <- c(0, rep(c(0.5, 1, 1.5), length.out = count - 1))
made <- function(factors, rows = TRUE, weight = data$weight, ...) {
  svrepdesign(variables = data[rows, ], repweights = factors[rows, ], weights = weight[rows],
              combined.weights = FALSE, type = "other", ...)
}
few <- data$company %in% c("c01", "c02", "c03", "c04", "c06", "c08")
designs <- list(
  odd = made(odd, scale = 0.09, rscales = rscales, mse = TRUE),
  odd_centred = made(odd, scale = 0.09, rscales = rscales, mse = FALSE),
  unweighted = made(odd, weight = rep(1, n), scale = 0.09, rscales = rscales, mse = TRUE),
  few = as.svrepdesign(svydesign(~company, strata = ~stratum, weights = ~weight, data = data[few, ]), type = "JKn")
)
exact <- list(epsilon = 1e-14, maxit = 100)
searched <- function(fitter) function(w, rows) {
  rows$w <- w
  fitter(rows[w > 0, ])
}
for (name in names(designs)) {
  known <- subset(designs[[name]], !is.na(growth))
  plain <- svyglm(growth ~ alignment + size, known)
  add(name, "least squares", coef(plain), vcov(plain), plain$df.residual)
  if (name == "few") next
  logit <- suppressWarnings(svyglm(better ~ alignment, designs[[name]], family = quasibinomial(), control = exact))
  add(name, "logistic", coef(logit), vcov(logit), logit$df.residual)
  industry <- suppressWarnings(svyglm(growth ~ alignment + size + industry, known))
  add(name, "industry", coef(industry), vcov(industry), industry$df.residual)
  # A company that is out of a replicate has no dummy there; the slopes do not need it, while svyglm gives them up.
  within <- withReplicates(known, searched(function(rows) {
    coef(lm(growth ~ alignment + size + company, rows, weights = w))[c("alignment", "size")]
  }))
  add(name, "within", coef(within), vcov(within), degf(known) - 2)
  median <- withReplicates(known, searched(function(rows) coef(rq(growth ~ alignment + size, 0.5, rows, weights = w))))
  add(name, "median", coef(median), vcov(median), degf(known) - 2)
  robust <- withReplicates(known, searched(function(rows) {
    coef(MASS::rlm(growth ~ alignment + size, rows, weights = w, wt.method = "case", acc = 1e-13, maxit = 5000))
  }))
  add(name, "robust", coef(robust), vcov(robust), degf(known) - 2)
}
write.csv(out, "tests/reference/replicated_models.csv", row.names = FALSE, quote = FALSE)
