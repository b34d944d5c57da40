# Indices of careless responding by their published definitions, a respondent at a time, in base R.
# longstring, irv, mahad, evenodd, psychsyn and psychant are defined as in the package careless 1.2 (with
# resample_na = FALSE), mahad through psych::outlier; percent match as in Kuriakose and Robbins (2016).
# x is a matrix, respondents x items, with NA where missing.

longstring <- function(x) apply(x, 1, function(row) max(rle(row)$lengths))

average_string <- function(x) apply(x, 1, function(row) mean(rle(row)$lengths))

irv <- function(x) apply(x, 1, sd, na.rm = TRUE)

mahad <- function(x) {
  empty <- apply(is.na(x), 1, all)
  centred <- scale(x[!empty, ], scale = FALSE)
  inverse <- solve(cov(x[!empty, ], use = "pairwise"))
  centred[is.na(centred)] <- 0
  result <- rep(NA_real_, nrow(x))
  result[!empty] <- mahalanobis(centred, rep(0, ncol(x)), inverse, inverted = TRUE)
  result
}

evenodd <- function(x, factors) {
  factor_of <- rep(seq_along(factors), factors)
  even <- unlist(lapply(factors, seq_len)) %% 2 == 0
  apply(x, 1, function(row) {
    halves <- sapply(seq_along(factors), function(f) {
      c(mean(row[factor_of == f & even], na.rm = TRUE), mean(row[factor_of == f & !even], na.rm = TRUE))
    })
    r <- suppressWarnings(cor(halves[1, ], halves[2, ], use = "pairwise.complete.obs"))
    r <- 2 * r / (1 + r)
    if (!is.na(r) && r < -1) r <- -1
    -r
  })
}

synonyms <- function(x, critical, antonyms = FALSE) {
  r <- cor(x, use = "pairwise.complete.obs")
  r[upper.tri(r, diag = TRUE)] <- NA
  pairs <- which(if (antonyms) r < -critical else r > critical, arr.ind = TRUE)
  apply(x, 1, function(row) {
    later <- row[pairs[, 1]]
    earlier <- row[pairs[, 2]]
    if (sum(!is.na(later) & !is.na(earlier)) <= 2) return(NA)
    suppressWarnings(cor(later, earlier, use = "pairwise.complete.obs"))
  })
}

percent_match <- function(x, company) {
  sapply(seq_len(nrow(x)), function(i) {
    others <- setdiff(which(company == company[i]), i)
    share <- sapply(others, function(j) {
      both <- !is.na(x[i, ]) & !is.na(x[j, ])
      if (sum(both) < ncol(x) / 2) NA else mean(x[i, both] == x[j, both])
    })
    if (!length(share) || all(is.na(share))) NA else max(unlist(share), na.rm = TRUE)
  })
}
