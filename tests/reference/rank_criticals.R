# Critical values of comparisons with one company (multivariate normal) and of all pairs (studentised range).
# Rscript tests/reference/rank_criticals.R
library(mvtnorm)
set.seed(1)
one <- function(own, others, side) {
  spread <- sqrt(own^2 + others^2)
  corr <- own^2 / outer(spread, spread)
  diag(corr) <- 1
  tail <- if (side == "one") "lower.tail" else "both.tails"
  # The quantile is found by root search over an integral with an error below 1e-6.
  at <- function(q) {
    low <- if (side == "one") rep(-Inf, length(others)) else rep(-q, length(others))
    pmvnorm(low, rep(q, length(others)), corr = corr, algorithm = GenzBretz(maxpts = 2e6, abseps = 1e-6))[1]
  }
  critical <- uniroot(function(q) at(q) - 0.95, c(1.5, 4), tol = 1e-6)$root
  data.frame(what = "one company", own = own, others = paste(others, collapse = " "), side = side, critical = critical)
}
pairs <- function(n) {
  data.frame(what = "all pairs", own = n, others = "", side = "two", critical = qtukey(0.95, n, Inf) / sqrt(2))
}
rows <- list(one(1, rep(1, 5), "two"), one(1, rep(1, 5), "one"), one(2, c(1, 1, 3, 5), "two"),
             one(2, c(1, 1, 3, 5), "one"), one(0.2, c(1, 2, 2, 4, 4, 4), "two"), one(6, c(1, 2, 3), "two"),
             pairs(2), pairs(10), pairs(100), pairs(1000))
write.csv(do.call(rbind, rows), "tests/reference/rank_criticals.csv", row.names = FALSE)
