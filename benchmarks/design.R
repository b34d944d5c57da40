# Seconds of processor time for means and shares by segment in R survey: errors of all, intervals of the shares too.
# Usage: Rscript benchmarks/design.R sample.csv errors.csv
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(arguments[1])
took <- function(work) sum(system.time(work)[c("user.self", "sys.self")])
variables <- ~y0 + y1 + y2 + y3 + y4 + y5 + p0 + p1 + p2 + p3 + p4 + p5
design <- svydesign(ids = ~company, strata = ~stratum, weights = ~weight, fpc = ~population, data = frame)
errors <- took(table <- svyby(variables, ~segment, design, svymean))
shares <- list(~I(p0 == 100), ~I(p1 == 100), ~I(p2 == 100), ~I(p3 == 100), ~I(p4 == 100), ~I(p5 == 100))
intervals <- took(for (share in shares) svyby(share, ~segment, design, svyciprop, vartype = "ci", method = "beta"))
write.csv(SE(table), arguments[2], row.names = FALSE)
cat(errors, intervals)
