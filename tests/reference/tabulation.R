# Reference values for analysis/infer/tabulation.py and analysis/benchmark/norms.py.
# Writes the invented data, tabulation_data.csv, and the values, tabulation.csv, beside this script.
# Run from the repository's root: Rscript tests/reference/tabulation.R
suppressMessages(library(survey))

set.seed(20250101)
companies <- 30
waves <- lapply(seq_len(companies), function(i) sort(sample(2023:2025, sample(1:3, 1))))
data <- data.frame(
  company = rep(sprintf("c%02d", seq_len(companies)), lengths(waves)),
  wave = unlist(waves)
)
level <- rnorm(companies, 55, 9)[as.integer(factor(data$company))]
data$alignment <- round(level + rnorm(nrow(data), 0, 6), 3)
data$gap <- round(rnorm(nrow(data), 4, 8), 3)
data$gap[sample(nrow(data), 7)] <- NA
data$adequate <- ifelse(data$alignment > 58, 100, 0)
data$size <- ifelse(as.integer(factor(data$company)) %% 3 == 0, "large", "small")
data <- data[sample(nrow(data)), ]
write.csv(data, "tests/reference/tabulation_data.csv", row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(what, cell, variable, estimate, std_error = NA, df = NA, p = NA, low = NA, high = NA) {
  values <- list(estimate = estimate, std_error = std_error, df = df, p_value = p, conf_low = low, conf_high = high)
  out <<- rbind(out, data.frame(what, cell, variable, lapply(values, function(v) sprintf("%.12g", as.numeric(v)))))
}

clustered <- function(rows, cell) {
  for (v in c("alignment", "gap")) {
    used <- rows[!is.na(rows[[v]]), ]
    design <- svydesign(ids = ~company, weights = ~1, data = used)
    m <- svymean(as.formula(paste0("~", v)), design)
    ci <- confint(m, df = degf(design))
    p <- 2 * pt(-abs(coef(m) / SE(m)), degf(design))
    add("mean", cell, v, coef(m), SE(m), degf(design), p, ci[1], ci[2])
  }
}
clustered(data, "all")
clustered(data[data$size == "large", ], "large")
for (w in 2023:2025) clustered(data[data$wave == w, ], as.character(w))

for (w in 2023:2025) {
  x <- data$adequate[data$wave == w] / 100
  ci <- prop.test(sum(x), length(x), correct = FALSE)$conf.int
  add("share", as.character(w), "adequate", 100 * mean(x), low = 100 * ci[1], high = 100 * ci[2])
}
for (x in c(0, 7)) {
  ci <- prop.test(x, 7, correct = FALSE)$conf.int
  add("share", paste(x, "of 7"), "adequate", 100 * x / 7, low = 100 * ci[1], high = 100 * ci[2])
}

for (v in c("alignment", "gap")) {
  one <- data[data$wave == 2024, ]
  t <- t.test(one[[v]][one$size == "large"], one[[v]][one$size == "small"])
  add("welch", "2024", v, diff(rev(t$estimate)), t$stderr, t$parameter, t$p.value, t$conf.int[1], t$conf.int[2])
  wide <- merge(data[data$wave == 2024, c("company", v)], data[data$wave == 2025, c("company", v)], by = "company")
  wide <- wide[complete.cases(wide), ]
  t <- t.test(wide[[3]], wide[[2]], paired = TRUE)
  add("change", "2024-2025", v, t$estimate, t$stderr, t$parameter, t$p.value, t$conf.int[1], t$conf.int[2])
  # The difference of two subgroup means in one clustered design, which scales by all companies at once.
  design <- svydesign(ids = ~company, weights = ~1, data = data[!is.na(data[[v]]) & data$wave < 2025, ])
  both <- svyby(as.formula(paste0("~", v)), ~wave, design, svymean, covmat = TRUE)
  d <- svycontrast(both, c(-1, 1))
  add("svycontrast", "2024-2023", v, coef(d), SE(d))
}

for (w in 2023:2025) {
  x <- sort(data$alignment[data$wave == w])
  q <- quantile(x, c(.1, .25, .5, .75, .9), type = 7)
  for (i in seq_along(q)) add(c("p10", "p25", "median", "p75", "p90")[i], as.character(w), "alignment", q[[i]])
  d <- qbinom(0.025, length(x), 0.5)
  add("median interval", as.character(w), "alignment", median(x), low = x[d], high = x[length(x) + 1 - d])
}
write.csv(out, "tests/reference/tabulation.csv", row.names = FALSE, quote = FALSE)
