# Reference values for what published tables show under replicate weights (analysis/infer/carried_replicates.py), on
# replicates_data.csv and replicates_factors.csv. Writes published_replicates.csv beside this script. Run from the
# repository's root: Rscript tests/reference/published_replicates.R
suppressMessages(library(survey))

data <- read.csv("tests/reference/replicates_data.csv")
factors <- read.csv("tests/reference/replicates_factors.csv", row.names = "company")
data$aligned <- 100 * (data$stage >= 3)
whole <- svydesign(~company, strata = ~stratum, weights = ~weight, data = data)
drawn <- as.matrix(factors[data$company, grep("^subbootstrap", names(factors))])
designs <- list(
  JKn = as.svrepdesign(whole, type = "JKn"),
  bootstrap = svrepdesign(
    variables = data, repweights = drawn * data$weight, weights = data$weight, type = "bootstrap"
  )
)
out <- data.frame()
add <- function(design, what, cell, estimate, std_error, low = NA, high = NA, df = NA) {
  values <- list(estimate = estimate, std_error = std_error, conf_low = low, conf_high = high, df = df)
  values <- lapply(values, function(v) sprintf("%.12g", as.numeric(v)))
  out <<- rbind(out, data.frame(design, what, cell, values))
}
for (name in names(designs)) {
  d <- designs[[name]]
  for (segment in c("all", "north", "south", "west")) {
    part <- if (segment == "all") d else eval(bquote(subset(d, segment == .(segment))))
    m <- svymean(~y, part, na.rm = TRUE)
    df <- degf(subset(part, !is.na(y)))
    ends <- confint(m, df = df)
    add(name, "mean", segment, coef(m), SE(m), ends[1], ends[2], df)
    for (method in c("mean", "beta", "logit", "asin")) {
      s <- svyciprop(~I(aligned == 100), part, method = method, df = degf(part))
      ends <- 100 * attr(s, "ci")
      add(name, paste("share", method), segment, 100 * coef(s), 100 * sqrt(attr(s, "var")), ends[1], ends[2], degf(part))
    }
    known <- subset(part, !is.na(y))
    q <- svyquantile(~y, known, 0.5, interval.type = "mean", df = degf(known))$y
    add(name, "median", segment, q[1], NA, q[2], q[3], degf(known))
    # svyquantile of 4.1.1 takes intervals of the mean whatever it is asked of a svrepdesign; its own parts do not.
    y <- known$variables$y
    w <- weights(known, "sampling")
    for (p in c(0.1, 0.25, 0.5, 0.75, 0.9)) {
      q <- survey:::qrule_hf7(y, w, p)
      ends <- survey:::woodruffCI(y, q, p, known, survey:::qrule_hf7, 0.05, degf(known), method = "xlogit")
      add(name, paste("hf7", p), segment, q, diff(ends) / 2 / qt(0.975, degf(known)), ends[1], ends[2], degf(known))
    }
  }
  v <- svyvar(~size, d)
  add(name, "variance", "all", coef(v), SE(v))
  v <- svyby(~size, ~segment, d, svyvar)
  add(name, "variance", v$segment, coef(v), SE(v))
  for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
    t <- svychisq(~ segment + stage, d, statistic = statistic)
    add(name, statistic, "segment x stage", t$statistic, NA, df = t$parameter[1])
  }
  two <- subset(d, segment != "west")
  for (t in list(svyttest(size ~ segment, two), svyranktest(size ~ segment, two))) {
    add(name, t$method, "south - north", t$estimate, t$estimate / t$statistic, df = t$parameter)
  }
  q <- svycontrast(svymean(~ size + deals, d), quote(size / deals))
  add(name, "quotient", "size/deals", coef(q), SE(q))
  b <- svyby(~y, ~segment, d, svymean, na.rm = TRUE, covmat = TRUE)
  for (pair in list(c("north", "south"), c("north", "west"), c("south", "west"))) {
    c <- svycontrast(b, (b$segment == pair[1]) - (b$segment == pair[2]))
    add(name, "contrast", paste(pair, collapse = " - "), coef(c), SE(c))
  }
}
write.csv(out, "tests/reference/published_replicates.csv", row.names = FALSE, quote = FALSE)
