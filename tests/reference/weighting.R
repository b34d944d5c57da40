# Reference values for survey/calibration.py, survey/raking.py, survey/trimming.py and the variances that follow.
# Writes the invented data, weighting_data.csv, and the values, weighting.csv and weighting_weights.csv, beside
# this script. Run from the repository's root: Rscript tests/reference/weighting.R
suppressMessages(library(survey))

set.seed(6)
companies <- 90
data <- data.frame(
  company = sprintf("c%03d", seq_len(companies)),
  stratum = rep(c("north", "south"), c(50, 40)),
  industry = sample(c("retail", "services", "manufacturing"), companies, TRUE, c(0.5, 0.3, 0.2)),
  size = sample(c("small", "large"), companies, TRUE, c(0.7, 0.3)),
  base = round(runif(companies, 2, 9), 2)
)
data$employees <- round(exp(rnorm(companies, 4 + (data$size == "large"), 0.5)))
data$alignment <- round(rnorm(companies, 50 + 8 * (data$size == "large") + 4 * (data$industry == "retail"), 9), 3)
people <- data[rep(seq_len(companies), sample(1:4, companies, TRUE)), ]
people$answer <- round(people$alignment + rnorm(nrow(people), 0, 8), 3)
data <- people
rownames(data) <- NULL
write.csv(data, "tests/reference/weighting_data.csv", row.names = FALSE, quote = FALSE)

industry <- data.frame(industry = c("manufacturing", "retail", "services"), Freq = c(350, 520, 430))
size <- data.frame(size = c("large", "small"), Freq = c(480, 820))
crossed <- data.frame(
  industry = rep(industry$industry, 2), size = rep(size$size, each = 3), Freq = c(120, 190, 170, 230, 330, 260)
)
known <- c(`(Intercept)` = 1300, industryretail = 520, industryservices = 430, sizesmall = 820)
with_number <- c(known, employees = 130000)
formula <- ~ industry + size
with_employees <- ~ industry + size + employees
tight <- list(maxit = 1000, epsilon = 1e-11)

unequal <- svydesign(ids = ~company, strata = ~stratum, weights = ~base, data = data, nest = TRUE)
data$one <- 5
equal <- svydesign(ids = ~company, strata = ~stratum, weights = ~one, data = data, nest = TRUE)
fine <- function(design, f, totals, ...) calibrate(design, f, totals, epsilon = 1e-12, maxit = 200, ...)
designs <- list(
  poststratify = postStratify(unequal, ~ industry + size, crossed),
  rake = rake(unequal, list(~industry, ~size), list(industry, size), control = tight),
  rake_equal = rake(equal, list(~industry, ~size), list(industry, size), control = tight),
  linear = fine(unequal, formula, known),
  raking = fine(unequal, formula, known, calfun = "raking"),
  linear_employees = fine(unequal, with_employees, with_number),
  linear_bounded = fine(unequal, with_employees, with_number, bounds = c(0.6, 1.9)),
  raking_employees = fine(unequal, with_employees, with_number, calfun = "raking"),
  raking_bounded = fine(unequal, with_employees, with_number, calfun = "raking", bounds = c(0.6, 1.9)),
  logit = fine(unequal, with_employees, with_number, calfun = "logit", bounds = c(0.5, 2.4)),
  trimmed_ratio = fine(unequal, with_employees, with_number, calfun = "raking", trim = c(0.8, 1.5)),
  trimmed = trimWeights(unequal, upper = 7, lower = 3),
  trimmed_strict = trimWeights(unequal, upper = 6.5, lower = 4, strict = TRUE)
)
write.csv(sapply(designs, function(d) sprintf("%.14g", weights(d))), "tests/reference/weighting_weights.csv",
          row.names = FALSE, quote = FALSE)

out <- data.frame()
add <- function(design, what, x) {
  out <<- rbind(out, data.frame(design, what, estimate = sprintf("%.12g", coef(x)[1]), std_error = sprintf("%.12g", SE(x)[1])))
}
for (name in names(designs)) {
  d <- designs[[name]]
  add(name, "mean", svymean(~answer, d))
  add(name, "total", svytotal(~answer, d))
  add(name, "mean_large", svymean(~answer, subset(d, size == "large")))
  add(name, "mean_south", svymean(~answer, subset(d, stratum == "south")))
}
write.csv(out, "tests/reference/weighting.csv", row.names = FALSE, quote = FALSE)
