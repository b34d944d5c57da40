# Reference values for analysis/infer/variance.py, estimates.py, tabulation.py, totals.py, quantiles.py, proportions.py
# and association.py: an invented sample of companies within strata, design_data.csv, and R survey's values, design.csv.
# Run from the repository's root: Rscript tests/reference/design.R
suppressMessages(library(survey))

set.seed(20250106)
sampled <- c(north = 9, south = 7, east = 12, west = 6)
population <- c(north = 40, south = 15, east = 120, west = 6)
stratum <- rep(names(sampled), sampled)
id <- rep(seq_along(stratum), sample(1:5, length(stratum), replace = TRUE))
data <- data.frame(company = sprintf("c%02d", id), stratum = stratum[id])
data$population <- population[data$stratum]
data$weight <- round(population[data$stratum] / sampled[data$stratum] * runif(nrow(data), 0.6, 1.6), 4)
data$industry <- sample(c("media", "retail", "steel"), length(stratum), replace = TRUE)[id]
data$group <- sample(c("a", "b"), nrow(data), replace = TRUE, prob = c(0.35, 0.65))
data$y <- round(50 + c(north = 0, south = 6, east = -4, west = 9)[data$stratum] +
                rnorm(length(stratum), 0, 6)[id] + rnorm(nrow(data), 0, 8), 2)
data$x <- round(data$y / 2 + rnorm(nrow(data), 10, 5), 2)
data$x[sample(nrow(data), 6)] <- NA
data$bids <- sample(5:40, nrow(data), replace = TRUE)
data$won <- rbinom(nrow(data), data$bids, 0.3)
data$yes <- ifelse(data$y + rnorm(nrow(data), 0, 6) > 53, 100, 0)
data <- data[sample(nrow(data)), ]
write.csv(data, "tests/reference/design_data.csv", row.names = FALSE, quote = FALSE)
data$share <- data$yes / 100

out <- data.frame()
add <- function(design, what, cell, variable, estimate, std_error = NA, df = NA, low = NA, high = NA, p = NA) {
  values <- list(estimate = estimate, std_error = std_error, df = df, conf_low = low, conf_high = high, p_value = p)
  out <<- rbind(out, data.frame(design, what, cell, variable,
                                lapply(values, function(v) sprintf("%.12g", as.numeric(v))), row.names = NULL))
}
add_stat <- function(design, what, cell, variable, stat, df) {
  se <- as.numeric(SE(stat))[1]
  ci <- as.numeric(coef(stat))[1] + c(-1, 1) * qt(.975, df) * se
  add(design, what, cell, variable, as.numeric(coef(stat))[1], se, df, ci[1], ci[2])
}

designs <- list(
  full = svydesign(ids = ~company, strata = ~stratum, weights = ~weight, fpc = ~population, data = data),
  strata = svydesign(ids = ~company, strata = ~stratum, weights = ~weight, data = data),
  clusters = svydesign(ids = ~company, weights = ~weight, data = data),
  rows = svydesign(ids = ~1, weights = ~weight, data = data)
)
for (name in names(designs)) {
  d <- designs[[name]]
  parts <- list(all = d, a = subset(d, group == "a"), media = subset(d, industry == "media"))
  for (cell in names(parts)) {
    part <- parts[[cell]]
    df <- degf(part)
    add_stat(name, "mean", cell, "y", svymean(~y, part), df)
    known <- subset(part, !is.na(x))
    add_stat(name, "mean", cell, "x", svymean(~x, known), degf(known))
    add_stat(name, "total", cell, "bids", svytotal(~bids, part), df)
    add_stat(name, "variance", cell, "y", svyvar(~y, part), df)
    ratio <- svyratio(~won, ~bids, part)
    add_stat(name, "ratio", cell, "won/bids", ratio, df)
  }
  add(name, "deff", "all", "y", deff(svymean(~y, d, deff = TRUE)))
  add(name, "deff replace", "all", "y", deff(svymean(~y, d, deff = "replace")))
  for (method in c("logit", "asin", "beta", "mean")) {
    p <- svyciprop(~I(share == 1), d, method = method)
    add(name, method, "all", "yes", coef(p), sqrt(attr(p, "var")), degf(d), attr(p, "ci")[1], attr(p, "ci")[2])
  }
  # svyciprop interpolates the likelihood; the same equation solved.
  p <- as.numeric(coef(svymean(~share, d))); v <- as.numeric(vcov(svymean(~share, d))); n <- nrow(d)
  bound <- qt(.975, degf(d))^2 * v / (p * (1 - p)) * n / (n - 1)
  excess <- function(q) 2 * (p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))) - bound
  ends <- c(uniroot(excess, c(1e-9, p), tol = 1e-14)$root, uniroot(excess, c(p, 1 - 1e-9), tol = 1e-14)$root)
  near <- attr(svyciprop(~I(share == 1), d, method = "likelihood"), "ci")
  stopifnot(all(abs(ends - near) < 5e-5))
  add(name, "likelihood", "all", "yes", p, sqrt(v), degf(d), ends[1], ends[2])
  for (rule in c("math", "hf7")) for (interval in c("mean", "xlogit")) {
    q <- svyquantile(~y, d, c(0.25, 0.5, 0.75), qrule = rule, interval.type = interval)$y
    for (i in 1:3) {
      add(name, paste("quantile", rule, interval), rownames(q)[i], "y", q[i, 1], q[i, 4], degf(d), q[i, 2], q[i, 3])
    }
  }
  for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
    t <- svychisq(~group + industry, d, statistic = statistic)
    df <- t$parameter
    add(name, statistic, "all", "group x industry", t$statistic, df = df[1], low = df[2], p = t$p.value)
  }
  t <- svyttest(y ~ group, d)
  add(name, "t", "all", "y", t$estimate, t$estimate / t$statistic, t$parameter, p = t$p.value)
  t <- svyranktest(y ~ group, d)
  add(name, "ranks", "all", "y", t$estimate, t$estimate / t$statistic, t$parameter, p = t$p.value)
  v <- vcov(svyglm(y ~ 0 + industry, d))
  for (i in 1:3) for (j in 1:3) add(name, "covariance", paste(i, j), "y", v[i, j])
  add_stat(name, "quotient", "all", "won/bids", svycontrast(svymean(~won + bids, d), quote(won / bids)), degf(d))
  add_stat(name, "combination", "all", "2y-bids", svycontrast(svymean(~y + bids, d), c(2, -1)), degf(d))
}

alone <- subset(data, stratum != "south" | company == data$company[data$stratum == "south"][1])
for (lonely in c("adjust", "remove", "average", "certainty")) {
  options(survey.lonely.psu = lonely)
  d <- svydesign(ids = ~company, strata = ~stratum, weights = ~weight, fpc = ~population, data = alone)
  add_stat(lonely, "mean", "all", "y", svymean(~y, d), degf(d))
  add_stat(lonely, "total", "all", "bids", svytotal(~bids, d), degf(d))
  add_stat(lonely, "mean", "a", "y", svymean(~y, subset(d, group == "a")), degf(subset(d, group == "a")))
}
write.csv(out, "tests/reference/design.csv", row.names = FALSE, quote = FALSE)
