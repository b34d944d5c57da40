# Reference values for analysis/measure/reliability.py, written to alpha.csv beside this script.
# Run from the repository's root: Rscript tests/reference/alpha.R
# The data (bfi, from the psych package; corporate reputation, from Hair et al. 2017) are not committed.
suppressMessages(library(psych))

data <- Sys.getenv("ALIGNMARK_REAL_DATA", file.path("..", "shared", "data"))
out <- data.frame()
add <- function(dataset, scale, group, x, reversed) {
  keys <- ifelse(names(x) %in% reversed, -1, 1)
  a <- suppressWarnings(alpha(x, keys = keys))
  out <<- rbind(out, data.frame(
    dataset, scale, group, n_items = ncol(x), n = nrow(x), alpha = sprintf("%.12g", a$total$raw_alpha),
    conf_low = sprintf("%.12g", a$feldt$lower.ci[[1]]), conf_high = sprintf("%.12g", a$feldt$upper.ci[[1]])))
}

bfi <- read.csv(file.path(data, "psychometrics", "bfi.csv"))
reversed <- c("A1", "C4", "C5", "E1", "E2", "O2", "O5")
for (scale in c("A", "C", "E", "N", "O")) {
  x <- bfi[, paste0(scale, 1:5)]
  add("bfi", scale, "all", x, reversed)
  for (g in 1:2) add("bfi", scale, as.character(g), x[bfi$gender == g, ], reversed)
}

rep <- read.csv(file.path(data, "agreement", "corporate_reputation.csv"))
rep[rep == -99] <- NA
add("reputation", "cusl", "all", rep[, paste0("cusl_", 1:3)], character())
add("reputation", "qual", "all", rep[, paste0("qual_", 1:8)], character())
write.csv(out, file.path("tests", "reference", "alpha.csv"), row.names = FALSE, quote = FALSE)
