# Reference values for analysis/benchmark/practices.py, written to relative_likelihood.csv beside this script.
# Run from the repository's root: Rscript tests/reference/relative_likelihood.R
# The ends are found by search, not by formula: the ratios R for which the square-and-add interval of p1 - R p2, made
# of the Wilson intervals of both shares whose errors have the correlation r, begins or ends at zero.
cases <- data.frame(x1 = c(6, 41, 20, 3, 30, 20, 5), n1 = c(20, 97, 20, 30, 30, 50, 40),
                    x2 = c(6, 19, 9, 1, 24, 30, 8), n2 = c(30, 147, 30, 50, 50, 60, 40),
                    r = c(0, 0, 0, 0, 0, 0.4, -0.3))
wilson <- function(x, n) c(x / n, prop.test(x, n, correct = FALSE)$conf.int)
ends <- function(one) {
  a <- wilson(one$x1, one$n1); b <- wilson(one$x2, one$n2)
  reach <- function(R, first, second)
    (a[1] - R * b[1])^2 - (first^2 + R^2 * second^2 - 2 * one$r * R * first * second)
  low <- uniroot(reach, c(0, a[1] / b[1]), first = a[1] - a[2], second = b[3] - b[1], tol = 1e-13)$root
  high <- uniroot(reach, c(a[1] / b[1], 1e4), first = a[3] - a[1], second = b[1] - b[2], tol = 1e-12)$root
  c(a, b, low, high)
}
found <- t(sapply(seq_len(nrow(cases)), function(row) ends(cases[row, ])))
colnames(found) <- c("p1", "l1", "u1", "p2", "l2", "u2", "low", "high")
write.csv(cbind(cases, signif(found, 10)), file.path("tests", "reference", "relative_likelihood.csv"),
          row.names = FALSE)
