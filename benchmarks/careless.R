# Seconds of processor time per index of careless responding in R. Usage: Rscript benchmarks/careless.R answers.csv
# The package careless where it is installed; else psych::outlier, which it calls for the distance, if that is
# installed, and for the rest the definitions of tests/reference/careless_definitions.R.
# Factors are ten of four items each, companies of fifty.
source("tests/reference/careless_definitions.R")
frame <- read.csv(commandArgs(trailingOnly = TRUE)[1])
x <- as.matrix(frame)
company <- (seq_len(nrow(x)) - 1) %/% 50
if (requireNamespace("psych", quietly = TRUE)) mahad <- function(x) psych::outlier(x, plot = FALSE)
opposed <- function(x) synonyms(x, 0.2, antonyms = TRUE)
if (requireNamespace("careless", quietly = TRUE)) {
  longstring <- careless::longstring
  average_string <- function(x) careless::longstring(x, avg = TRUE)
  irv <- careless::irv
  mahad <- function(x) careless::mahad(x, plot = FALSE)
  evenodd <- function(x, factors) suppressWarnings(careless::evenodd(frame, factors))
  synonyms <- function(x, critical) careless::psychsyn(x, critical, resample_na = FALSE)
  opposed <- function(x) careless::psychant(x, -0.2)
}
took <- function(work) sum(system.time(work)[c("user.self", "sys.self")])
seconds <- c(
  longstring = took(longstring(x)),
  average_string = took(average_string(x)),
  irv = took(irv(x)),
  mahad = took(mahad(x)),
  evenodd = took(evenodd(x, rep(4, 10))),
  psychsyn = took(synonyms(x, 0.6)),
  psychant = took(opposed(x)),
  percent_match = took(percent_match(x[1:1000, ], company[1:1000])) * nrow(x) / 1000
)
cat(paste(names(seconds), seconds), sep = "\n")
