# Reference values for analysis/benchmark/composites.py.
# Writes the invented data, composites_data.csv, and the values, composites.csv, beside this script.
# Run from the repository's root: Rscript tests/reference/composites.R
set.seed(20080901)
size <- 25
common <- rnorm(size)
parts <- c("goals", "trust", "processes", "rewards")
levels <- sapply(c(0.9, 0.7, 0.5, 0.2), function(load) round(55 + 15 * (load * common + sqrt(1 - load^2) * rnorm(size)), 1))
levels <- pmin(pmax(levels, 1), 100)
colnames(levels) <- parts
levels[c(3, 7), ] <- levels[c(4, 8), ] # companies that are level
gaps <- round(matrix(rnorm(size * 4, 0, 12), size, dimnames = list(NULL, paste0("gap_", parts))), 1)
gaps[c(3, 7), ] <- gaps[c(4, 8), ]
data <- data.frame(company = sprintf("c%02d", seq_len(size)), levels, gaps)
write.csv(data, "tests/reference/composites_data.csv", row.names = FALSE, quote = FALSE)

reliability <- c(0.9, 0.8, 0.7, 0.6)
weights <- list(
  equal = rep(1 / 4, 4),
  reliability = reliability / sum(reliability),
  "first principal component" = prcomp(levels, scale. = TRUE)$rotation[, 1]^2
)
index <- list(
  arithmetic = function(w) as.vector(levels %*% w),
  geometric = function(w) exp(as.vector(log(levels) %*% w)),
  "gap-penalised" = function(w) as.vector(pmax(levels - 0.5 * abs(gaps), 0) %*% w)
)
classes <- function(x) { # a company is best if all that are not lower fit into a fifth, as a laggard into 30%
  not_lower <- sapply(x, function(own) sum(round(x, 10) >= round(own, 10)))
  not_higher <- sapply(x, function(own) sum(round(x, 10) <= round(own, 10)))
  ifelse(not_lower <= 0.2 * size, 1, ifelse(not_higher <= 0.3 * size, 3, 2))
}
ranks <- function(x) rank(-round(x, 10), ties.method = "average")

first <- index$arithmetic(weights$equal)
out <- data.frame()
for (weighting in names(weights)) for (aggregation in names(index)) {
  x <- index[[aggregation]](weights[[weighting]])
  moved <- abs(ranks(x) - ranks(first)) # OECD (2008), Handbook on constructing composite indicators, step 7: R_S
  out <- rbind(out, data.frame(
    weighting, aggregation, rank_correlation = cor(x, first, method = "spearman"), mean_shift = mean(moved),
    largest_shift = max(moved), class_changes = 100 * mean(classes(x) != classes(first))
  ))
}
out[-(1:2)] <- lapply(out[-(1:2)], function(column) sprintf("%.10g", column))
write.csv(out, "tests/reference/composites.csv", row.names = FALSE, quote = FALSE)
