# Reference values for survey/careless.py, careless_sample.py and careless_match.py: the data, and what R makes of
# them by the definitions beside this script; speed as in Leiner (2019).
# Run from the repository's root: Rscript tests/reference/careless.R
source("tests/reference/careless_definitions.R")
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

halves <- function(row) tapply(row, cut(seq_along(row), 3, labels = FALSE), sd, na.rm = TRUE)
result <- data.frame(
  longstring = longstring(x),
  average_string = average_string(x),
  irv = irv(x),
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
