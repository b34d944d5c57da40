# Careless-responding indices by their published definitions, in base R: the data, and what R makes of them.
# longstring, irv, mahad, evenodd, psychsyn and psychant are defined as in the package careless 1.2 (with
# resample_na = FALSE), mahad through psych::outlier; percent match as in Kuriakose and Robbins (2016); speed as
# in Leiner (2019). Run from this folder: Rscript careless.R
set.seed(20)
factors <- c(5, 4, 4, 3)
n <- 60
trait <- matrix(rnorm(n * 4), n)
x <- sapply(seq_len(16), function(j) {
  latent <- 3 + 1.1 * trait[, rep(1:4, factors)[j]] + rnorm(n, 0, 0.6)
  pmin(pmax(round(latent), 1), 5)
})
colnames(x) <- paste0("i", 1:16)
x[, c(4, 9, 12)] <- 6 - x[, c(4, 9, 12)] # worded the other way round
x[1, ] <- 3 # a straightliner
x[2, ] <- rep(c(1, 5), 8)
x[3:6, ] <- sample(1:5, 4 * 16, replace = TRUE)
x[8, ] <- x[7, ]
x[8, 16] <- 6 - x[7, 16] # a near-duplicate
x[matrix(runif(n * 16) < 0.06, n)] <- NA
x[10, ] <- NA
x[11, 2:16] <- NA
x[12, 1:5] <- NA # a factor without an answer
company <- rep(c("a", "b", "c"), c(30, 29, 1))
seconds <- round(exp(rnorm(n, 6, 0.4)))
seconds[5] <- NA
turned <- x
turned[, c(4, 9, 12)] <- 6 - turned[, c(4, 9, 12)]

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

halves <- function(row) tapply(row, cut(seq_along(row), 3, labels = FALSE), sd, na.rm = TRUE)
result <- data.frame(
  longstring = apply(x, 1, function(row) max(rle(row)$lengths)),
  average_string = apply(x, 1, function(row) mean(rle(row)$lengths)),
  irv = apply(x, 1, sd, na.rm = TRUE),
  t(apply(x, 1, halves)),
  mahad = mahad(x),
  flagged = mahad(x) > qchisq(0.99, ncol(x)),
  evenodd = evenodd(turned, factors),
  psychsyn = synonyms(turned, 0.6),
  psychant = synonyms(x, 0.5, antonyms = TRUE),
  percent_match = percent_match(x, company),
  speed = median(seconds, na.rm = TRUE) / seconds
)
names(result)[4:6] <- paste0("irv", 1:3)
write.csv(data.frame(company, seconds, x), "tests/reference/careless_data.csv", row.names = FALSE)
write.csv(format(result, digits = 12, trim = TRUE), "tests/reference/careless.csv", row.names = FALSE, quote = FALSE)
