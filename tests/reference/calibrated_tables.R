# Reference values for tables of domains after calibration: analysis/infer/variance.py, column_means.py, recalibration.py.
# Companies are calibrated, people answer: their means are ratios of totals over companies. Reads the invented
# weighting_data.csv beside this script (and, for the rows "schools", the data that R survey ships), writes
# calibrated_tables.csv. Run from the repository's root: Rscript tests/reference/calibrated_tables.R
suppressMessages(library(survey))

people <- read.csv("tests/reference/weighting_data.csv")
people$of <- c("sales", "marketing")[1 + seq_len(nrow(people)) %% 2]
people$yes <- 100 * (people$answer > 55)
people$share <- 1 / ave(people$answer, people$company, FUN = length)
companies <- people[!duplicated(people$company), ]
companies$high <- 100 * (companies$alignment > 55)
rownames(companies) <- companies$company
part <- function(value, inside) {
  total <- tapply(people$share * value * inside, people$company, sum)
  as.numeric(total[companies$company])
}
for (of in c("sales", "marketing")) for (y in c("answer", "yes")) {
  companies[[paste(y, of, sep = "_")]] <- part(people[[y]], people$of == of)
  companies[[paste("n", of, sep = "_")]] <- part(1, people$of == of)
}

known <- c(`(Intercept)` = 520, industryretail = 212, industryservices = 170, sizesmall = 330)
with_number <- c(known, employees = 46000)
formula <- ~ industry + size
with_employees <- ~ industry + size + employees
crossed <- data.frame(
  industry = rep(c("manufacturing", "retail", "services"), 2), size = rep(c("large", "small"), each = 3),
  Freq = c(58, 72, 60, 80, 140, 110)
)
fine <- function(design, f, totals, ...) calibrate(design, f, totals, epsilon = 1e-13, maxit = 500, ...)
calibrated <- function(d) list(
  poststratify = postStratify(d, ~ industry + size, crossed),
  linear = fine(d, with_employees, with_number),
  raking = fine(d, formula, known, calfun = "raking"),
  linear_bounded = fine(d, with_employees, with_number, bounds = c(0.6, 1.7)),
  raking_bounded = fine(d, with_employees, with_number, calfun = "raking", bounds = c(0.6, 1.7)),
  logit = fine(d, with_employees, with_number, calfun = "logit", bounds = c(0.5, 2.2))
)

out <- data.frame()
add <- function(design, what, cell, estimate, std_error) {
  values <- lapply(list(estimate = estimate, std_error = std_error), function(v) sprintf("%.14g", as.numeric(v)))
  out <<- rbind(out, data.frame(design, what, cell, values))
}
# Difference of the means of two domains, from four totals: svyby(covmat = TRUE) fails on calibrated designs.
ratios <- function(d, columns, ...) {
  four <- as.matrix(columns)
  colnames(four) <- c("ya", "na", "yb", "nb")
  d$variables <- cbind(d$variables, four)
  svycontrast(svytotal(~ ya + na + yb + nb, d), ...)
}
gap_of <- function(d, y, a, b) {
  y <- d$variables[[y]]
  ratios(d, cbind(y * a, a, y * b, b), quote(ya / na - yb / nb))
}
# Means, shares and totals of companies by stratum, difference of two strata; means of people by function.
tables <- function(name, d) {
  for (y in c("alignment", "high")) {
    by <- svyby(as.formula(paste0("~", y)), ~stratum, d, svymean)
    add(name, y, by$stratum, coef(by), SE(by))
    gap <- gap_of(d, y, 1 * (companies$stratum == "north"), 1 * (companies$stratum == "south"))
    add(name, y, "north - south", coef(gap), SE(gap))
    whole <- svymean(as.formula(paste0("~", y)), d)
    add(name, y, "all", coef(whole), SE(whole))
  }
  by <- svyby(~employees, ~stratum, d, svytotal)
  add(name, "employees", by$stratum, coef(by), SE(by))
  small <- svyby(~alignment, ~stratum, subset(d, size == "small"), svymean)
  add(name, "small", small$stratum, coef(small), SE(small))
  for (y in c("answer", "yes")) {
    columns <- companies[paste(c(y, "n", y, "n"), rep(c("marketing", "sales"), each = 2), sep = "_")]
    for (cell in list(list("marketing", quote(ya / na)), list("sales", quote(yb / nb)),
                      list("marketing - sales", quote(ya / na - yb / nb)))) {
      found <- ratios(d, columns, cell[[2]])
      add(name, y, cell[[1]], coef(found), SE(found))
    }
  }
}

drawn <- svydesign(ids = ~company, strata = ~stratum, weights = ~base, data = companies)
tied <- calibrated(drawn)
for (name in names(tied)) tables(name, tied[[name]])
tables("raking trimmed", trimWeights(tied$raking, upper = 8, lower = 3.5))
tables("logit trimmed", trimWeights(tied$logit, upper = 9, lower = 3.5, strict = TRUE))

means <- function(name, d) {
  whole <- svymean(~alignment, d)
  add(name, "alignment", "all", coef(whole), SE(whole))
  by <- svyby(~alignment, ~stratum, d, svymean)
  add(name, "alignment", by$stratum, coef(by), SE(by))
}
options(warn = 2) # a replicate that does not converge is no reference
again <- calibrated(as.svrepdesign(drawn, type = "JKn"))
for (name in setdiff(names(again), "poststratify")) means(paste("jackknife", name), again[[name]])

data(api)
totals <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018, api99 = 3914069)
districts <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
for (method in c("linear", "raking", "logit")) {
  bounds <- if (method == "logit") c(0.7, 1.7) else c(-Inf, Inf)
  d <- fine(districts, ~ stype + api99, totals, calfun = method, bounds = bounds)
  by <- svyby(~api00, ~stype, d, svymean)
  add(paste("schools", method), "api00", as.character(by$stype), coef(by), SE(by))
  gap <- gap_of(d, "api00", 1 * (apiclus1$stype == "E"), 1 * (apiclus1$stype == "H"))
  add(paste("schools", method), "api00", "E - H", coef(gap), SE(gap))
  by <- svyby(~enroll, ~sch.wide, d, svytotal)
  add(paste("schools", method), "enroll", as.character(by$sch.wide), coef(by), SE(by))
  if (method == "logit") bounds <- c(0.3, 6)
  d <- fine(as.svrepdesign(districts), ~ stype + api99, totals, calfun = method, bounds = bounds)
  by <- svyby(~api00, ~sch.wide, d, svymean)
  add(paste("schools jackknife", method), "api00", as.character(by$sch.wide), coef(by), SE(by))
}
write.csv(out, "tests/reference/calibrated_tables.csv", row.names = FALSE, quote = FALSE)
