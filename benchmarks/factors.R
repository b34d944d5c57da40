# Seconds of processor time of measurement invariance in R lavaan: factors of four items, two groups, four levels.
# Usage: Rscript benchmarks/factors.R answers.csv listwise|ml
if (!requireNamespace("lavaan", quietly = TRUE)) quit(save = "no")
arguments <- commandArgs(trailingOnly = TRUE)
frame <- read.csv(arguments[1])
model <- paste(
  sapply(seq_len(ncol(frame) %/% 4) - 1, function(f) paste0("f", f, " =~ ", paste0("q", f, "_", 0:3, collapse = " + "))),
  collapse = "\n"
)
levels <- list(
  configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
  residual = c("loadings", "intercepts", "residuals")
)
one <- function(equal) {
  fit <- lavaan::cfa(model, frame, group = "function.", group.equal = equal, missing = arguments[2])
  lavaan::fitMeasures(fit, c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic"))
}
took <- system.time(found <- lapply(levels, one))
cat(sum(took[c("user.self", "sys.self")]), "\n")
for (name in names(found)) cat(name, format(found[[name]][c("chisq", "df")], digits = 12), "\n")
