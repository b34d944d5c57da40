# Reference values for analysis/explain/design_errors.py: growth models by svyglm of a svydesign, with strata, a finite
# population, known totals and strata with one company. Writes the invented panel, design_models_data.csv, and the values,
# design_models.csv, beside this script. Run from the repository's root: Rscript tests/reference/design_models.R
suppressMessages(library(survey))

set.seed(20261126)
companies <- 40
id <- rep(seq_len(companies), each = 2)
n <- length(id)
data <- data.frame(company = sprintf("c%02d", id), wave = rep(2024:2025, companies),
                   stratum = c("large", "middle", "small")[(id - 1) %% 3 + 1])
data$population <- c(large = 20, middle = 60, small = 400)[data$stratum]
# Drawn by itself in the designs "certainty" and "average".
data$alone <- ifelse(id == 1, "giant", data$stratum)
data$industry <- c("media", "retail", "steel")[(id * 7) %% 3 + 1]
data$weight <- round(data$population / 14 * runif(n, 0.6, 1.5), 3)
data$alignment <- round(rnorm(companies, 55, 9)[id] + rnorm(n, 0, 6), 3)
data$size <- round(rnorm(companies, 5, 1)[id] + rnorm(n, 0, 0.4), 3)
# Companies that stand for many have another slope, so that weights matter.
data$growth <- round((0.1 + 0.006 * data$weight) * data$alignment + 2 * data$size + rnorm(companies, 0, 3)[id] +
                     rnorm(n, 0, 3), 3)
data$better <- as.integer(data$growth + rnorm(n, 0, 6) > median(data$growth))
data$growth[c(3, which(id == 5))] <- NA
write.csv(data, "tests/reference/design_models_data.csv", row.names = FALSE, quote = FALSE)
data$cell <- paste(data$wave, data$industry)
totals <- c(media = 120, retail = 90, steel = 60)

out <- data.frame()
add <- function(design, model, fit, df = fit$df.residual, terms = names(coef(fit))) {
  values <- lapply(list(estimate = coef(fit), std_error = sqrt(diag(vcov(fit)))), function(x) sprintf("%.12g", x[terms]))
  out <<- rbind(out, data.frame(design, model, term = terms, values, df, row.names = NULL))
}
drawn <- svydesign(~company, strata = ~stratum, weights = ~weight, fpc = ~population, data = data)
cells <- sort(unique(data$cell))
designs <- list(
  weights = svydesign(~company, weights = ~weight, data = data),
  strata = svydesign(~company, strata = ~stratum, weights = ~weight, data = data),
  finite = drawn,
  known = postStratify(drawn, ~cell, data.frame(cell = cells, Freq = totals[sub(".* ", "", cells)])),
  certainty = svydesign(~company, strata = ~alone, weights = ~weight, data = data),
  average = svydesign(~company, strata = ~alone, weights = ~weight, data = data)
)
for (name in names(designs)) {
  options(survey.lonely.psu = if (name == "average") "average" else if (name == "certainty") "certainty" else "fail")
  known <- subset(designs[[name]], !is.na(growth))
  add(name, "least squares", svyglm(growth ~ alignment + size + factor(wave), known))
  # One company has a growth in one wave only, which its effect fits by itself.
  twice <- subset(known, company != "c02")
  within <- suppressWarnings(svyglm(growth ~ alignment + size + company, twice))
  add(name, "within", within, degf(twice) - 2, c("alignment", "size"))
  logit <- svyglm(better ~ alignment, designs[[name]], family = quasibinomial(), control = list(epsilon = 1e-14))
  add(name, "logistic", logit)
}
write.csv(out, "tests/reference/design_models.csv", row.names = FALSE, quote = FALSE)
