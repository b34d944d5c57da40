# Seconds of processor time for agreement of companies on constructs in R multilevel.
# Usage: Rscript benchmarks/agreement.R answers.csv items
# Columns of the file: company, then the items of one construct after the other.
suppressMessages(library(multilevel))
arguments <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(arguments[1])
items <- as.integer(arguments[2])
starts <- seq(2, ncol(frame), items)
took <- function(work) sum(system.time(work)[c("user.self", "sys.self")])
over <- function(index) for (start in starts) index(frame[, start:(start + items - 1)], frame$company)
means <- function(x, group) {
  model <- aov(rowMeans(x) ~ as.factor(group))
  c(ICC1(model), ICC2(model))
}
seconds <- c(
  rwg_j = took(over(function(x, g) rwg.j(x, g, ranvar = 2))),
  rwg_lindell = took(over(function(x, g) rwg.j.lindell(x, g, ranvar = 2))),
  ad = took(over(function(x, g) ad.m(x, g))),
  ad_median = took(over(function(x, g) ad.m(x, g, type = "median"))),
  awg = took(over(function(x, g) suppressWarnings(awg(x, g, range = c(1, 5))))),
  icc = took(over(means))
)
cat(paste(names(seconds), seconds), sep = "\n")
