# Reference values for analysis/benchmark/norms.py where companies count differently.
# Writes the invented data, norm_percentiles_data.csv, and the values, norm_percentiles.csv, beside this script.
# Run from the repository's root: Rscript tests/reference/norm_percentiles.R
suppressMessages(library(survey))

set.seed(19980601)
size <- 90
weight <- round(exp(rnorm(size, 0, 0.7)), 3)
data <- data.frame(
  company = rep(sprintf("c%02d", seq_len(size)), each = 2), wave = rep(2024:2025, size), weight = rep(weight, each = 2)
)
data$score <- round(rep(rnorm(size, 55, 9), each = 2) + 4 * log(data$weight) + rnorm(2 * size, 0, 6), 3)
data <- data[sample(nrow(data), 160), ]
write.csv(data, "tests/reference/norm_percentiles_data.csv", row.names = FALSE, quote = FALSE)

# The binomial distribution function of a number of trials that is not whole, turned round.
successes <- function(tail, number, share) {
  if ((1 - share)^number > tail) return(NA)
  uniroot(function(x) pbeta(1 - share, number - x, x + 1) - tail, c(-1 + 1e-9, number - 1e-9), tol = 1e-13)$root
}

end <- function(rows, share) {
  design <- svydesign(ids = ~company, weights = ~weight, data = rows)
  estimate <- coef(svyquantile(~score, design, share, qrule = "hf7", ci = FALSE))
  rows$below <- as.numeric(rows$score <= estimate)
  below <- svymean(~below, svydesign(ids = ~company, weights = ~weight, data = rows))
  companies <- length(unique(rows$company))
  number <- coef(below) * (1 - coef(below)) / (SE(below)^2 * (1 - 1 / companies)) *
    (qt(0.975, nrow(rows) - 1) / qt(0.975, degf(design)))^2
  number <- min(number, sum(rows$weight)^2 / sum(rows$weight^2))
  ordered <- rows[order(rows$score), ]
  up_to <- cumsum(ordered$weight) / sum(ordered$weight)
  places <- c(successes(0.025, number, share), successes(0.975, number, share) + 1) / number
  found <- sapply(places, function(place) which(up_to >= place)[1])
  # Two companies or more beyond it, also if the heaviest were the first or the last.
  heaviest <- max(rows$weight) / sum(rows$weight)
  inner <- !is.na(found) & places > heaviest & places < 1 - heaviest
  c(estimate, number, ifelse(inner, ordered$score[found], NA))
}

shares <- c(p10 = 0.1, p25 = 0.25, median = 0.5, p75 = 0.75, p90 = 0.9)
out <- data.frame()
for (cell in c("2024", "2025", "all")) {
  rows <- if (cell == "all") data else data[data$wave == as.integer(cell), ]
  for (name in names(shares)) {
    values <- sprintf("%.10g", end(rows, shares[[name]]))
    out <- rbind(out, data.frame(cell, name, estimate = values[1], number = values[2], low = values[3], high = values[4]))
  }
}
write.csv(out, "tests/reference/norm_percentiles.csv", row.names = FALSE, quote = FALSE)
