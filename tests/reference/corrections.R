# Reference values for analysis/explain/errors_in_variables.py and simex.py: the invented panel corrections_data.csv with
# ten draws of standard normal error, and in corrections.csv the slope from corrected moments, (X'X - S)^-1 X'y, as
# Stata's eivreg has it, its sandwich, and SIMEX by lm at every step with lm as extrapolation, the nonlinear curve profiled.
# Run from the repository's root: Rscript tests/reference/corrections.R
set.seed(20250111)
companies <- 80
id <- rep(seq_len(companies), each = 2)
n <- length(id)
informants <- sample(2:6, n, replace = TRUE)
truth <- rnorm(companies, 58, 8)[id] + rnorm(n, 0, 4)
data <- data.frame(company = sprintf("c%02d", id), wave = rep(2024:2025, companies))
data$log_size <- round(rnorm(companies, 5, 1)[id] + 0.05 * (truth - 58), 3)
data$alignment_se <- round(12 / sqrt(informants), 4)
data$alignment <- round(truth + rnorm(n, 0, data$alignment_se), 3)
data$growth <- round(0.3 * truth + data$log_size + rnorm(companies, 0, 3)[id] + rnorm(n, 0, 4), 3)
error <- matrix(round(rnorm(n * 10), 4), n)
colnames(error) <- paste0("error_", 1:10)
write.csv(cbind(data, error), "tests/reference/corrections_data.csv", row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(method, name, value) out <<- rbind(out, data.frame(method, name, value = sprintf("%.14g", value)))

X <- model.matrix(~ alignment + log_size + factor(wave), data)
Z <- X[, -2]
hat <- diag(Z %*% solve(crossprod(Z), t(Z)))
eiv <- function(method, error) {
  S <- matrix(0, ncol(X), ncol(X))
  S[2, 2] <- sum(error)
  A <- crossprod(X) - S
  b <- drop(solve(A, crossprod(X, data$growth)))
  scores <- X * drop(data$growth - X %*% b)
  scores[, 2] <- scores[, 2] + b[2] * error
  bread <- solve(A)
  sums <- rowsum(scores, data$company)
  v <- bread %*% crossprod(sums) %*% bread * companies / (companies - 1) * (n - 1) / (n - ncol(X))
  add(method, "estimate", b[2])
  add(method, "std_error", sqrt(v[2, 2]))
}
eiv("errors", (1 - hat) * data$alignment_se^2)
reliability <- 0.7
eiv("reliability", (1 - reliability) * (data$alignment - mean(data$alignment))^2)

added <- c(0, 0.5, 1, 1.5, 2)
steps <- sapply(added, function(lambda) mean(apply(error, 2, function(u) {
  d <- transform(data, alignment = alignment + sqrt(lambda) * alignment_se * u)
  coef(lm(growth ~ alignment + log_size + factor(wave), d))["alignment"]
})))
for (i in seq_along(added)) add("steps", format(added[i]), steps[i])
add("linear", "estimate", predict(lm(steps ~ added), data.frame(added = -1)))
add("quadratic", "estimate", predict(lm(steps ~ added + I(added^2)), data.frame(added = -1)))
given <- function(c) lm(steps ~ I(1 / (c + added)))
best <- optimise(function(l) deviance(given(1 + exp(l))), log(c(0.1, 100)), tol = 1e-10)$minimum
c <- 1 + exp(best)
add("nonlinear", "estimate", sum(coef(given(c)) * base::c(1, 1 / (c - 1))))
write.csv(out, "tests/reference/corrections.csv", row.names = FALSE, quote = FALSE)
