# Reference values for reliability, item analysis, omega, HTMT and the general factor: the simulated data, and what
# psych, semTools and lavaan make of them. Written to reliability_data.csv, reliability.csv and reliability_items.csv.
# Run from the repository's root: Rscript tests/reference/reliability.R
suppressMessages({library(psych); library(lavaan); library(semTools)})
set.seed(5)
companies <- 70
company <- rep(sprintf("c%02d", seq_len(companies)), each = 6)
functions <- rep(rep(c("sales", "marketing"), each = 3), companies)
n <- length(company)
general <- rnorm(companies, 0, 0.5)[as.integer(factor(company))] + rnorm(n, 0, 0.8)
loadings <- list(goals = c(0.8, 0.7, 0.6, 0.75), trust = c(0.7, 0.65, 0.8), data = c(0.6, 0.7, 0.5, 0.65),
                 plans = c(0.75, 0.6, 0.7))
x <- do.call(cbind, lapply(names(loadings), function(name) {
  factor <- 0.75 * general + rnorm(n, 0, 0.65) + ifelse(functions == "marketing", 0.3, 0)
  latent <- sapply(loadings[[name]], function(l) l * factor + rnorm(n, 0, sqrt(1 - l^2)))
  out <- 1 + (latent > -1.6) + (latent > -0.6) + (latent > 0.4) + (latent > 1.2)
  colnames(out) <- paste0(name, seq_along(loadings[[name]]))
  out
}))
x[, "goals3"] <- 6 - x[, "goals3"] # worded the other way round
x[matrix(runif(length(x)) < 0.03, n)] <- NA
data <- data.frame(company, "function" = functions, x, check.names = FALSE)
write.csv(data, "tests/reference/reliability_data.csv", row.names = FALSE, quote = FALSE, na = "")

rows <- data.frame()
add <- function(construct, group, coefficient, value) {
  rows <<- rbind(rows, data.frame(construct, "function" = group, coefficient, value = sprintf("%.12g", value),
                                  check.names = FALSE))
}
items <- data.frame()
x[, "goals3"] <- 6 - x[, "goals3"]
exact <- function(model, frame, ...) { # as close to the minimum as lavaan will call converged
  for (tolerance in 10^-(13:10)) {
    fit <- suppressWarnings(cfa(model, frame, std.lv = TRUE, control = list(rel.tol = tolerance, iter.max = 5000), ...))
    if (lavInspect(fit, "converged")) return(fit)
  }
  stop("no convergence")
}
general <- function(name, group, measured, factors, frame) {
  fit <- exact(paste0(measured, "\ng =~ ", paste(factors, collapse = " + ")), frame)
  add(name, group, "general_chisq", fitMeasures(fit, "chisq"))
  add(name, group, "general_omega", suppressMessages(compRelSEM(fit, higher = "g", return.total = TRUE))[["g"]])
  # reliabilityL2 divides by the variance that the model implies.
  implied <- suppressWarnings(suppressMessages(semTools::reliabilityL2(fit, "g")))[["omegaL1"]]
  add(name, group, "general_omega_l1", implied * sum(fitted(fit)$cov) / sum(lavInspect(fit, "sampstat")$cov))
  loads <- standardizedSolution(fit)
  for (factor in factors) add(name, group, paste0("g_", factor), loads$est.std[loads$lhs == "g" & loads$rhs == factor])
  add(name, group, "general_n", nrow(frame))
}
for (group in c("sales", "marketing")) {
  for (name in names(loadings)) {
    y <- as.data.frame(x[functions == group, grep(name, colnames(x))])
    a <- psych::alpha(y)
    add(name, group, "alpha", a$total$raw_alpha)
    add(name, group, "alpha_standardised", a$total$std.alpha)
    add(name, group, "mean_r", a$total$average_r)
    items <- rbind(items, data.frame(
      construct = name, "function" = group, item = names(y), n = a$item.stats$n,
      item_rest = sprintf("%.12g", a$item.stats$r.drop),
      alpha_if_dropped = sprintf("%.12g", a$alpha.drop$raw_alpha),
      mean = sprintf("%.12g", a$item.stats$mean), sd = sprintf("%.12g", a$item.stats$sd),
      check.names = FALSE))
    # The models on complete answers, and standard errors with companies as clusters.
    k <- ncol(y)
    whole <- cbind(y, company = company[functions == group])[complete.cases(y), ]
    sums <- function(letter) paste0(letter, seq_len(k), collapse = " + ")
    free <- paste0("f =~ ", paste0("l", seq_len(k), " * ", names(y), collapse = " + "), "\n",
                   paste0(names(y), " ~~ u", seq_len(k), " * ", names(y), collapse = "\n"),
                   "\nomega := (", sums("l"), ")^2 / ((", sums("l"), ")^2 + ", sums("u"), ")")
    fit <- exact(free, whole, estimator = "MLR", cluster = "company")
    estimates <- parameterEstimates(fit)
    omega <- estimates[estimates$label == "omega", ]
    add(name, group, "complete_n", nrow(whole))
    add(name, group, "complete_companies", length(unique(whole$company)))
    add(name, group, "omega_total", omega$est)
    add(name, group, "omega_total_se", omega$se)
    add(name, group, "omega_total_semtools", suppressWarnings(suppressMessages(semTools::reliability(fit)["omega", 1])))
    add(name, group, "omega_hierarchical", suppressMessages(compRelSEM(fit)[[1]]))
    # The correlations' model, by the same definitions.
    l <- standardizedSolution(fit)
    l <- l$est.std[l$op == "=~"]
    add(name, group, "ave", mean(l^2))
    add(name, group, "composite_reliability", sum(l)^2 / (sum(l)^2 + sum(1 - l^2)))
    for (i in seq_len(k)) add(name, group, paste0("loading_", i), l[i])
    ml <- psych::fa(cor(whole[seq_len(k)]), fm = "ml")
    add(name, group, "psych_loading_1", abs(ml$loadings[1, 1]))
  }
  measured <- paste0(names(loadings), " =~ ", sapply(names(loadings), function(name)
    paste(grep(name, colnames(x), value = TRUE), collapse = " + ")), collapse = "\n")
  whole <- as.data.frame(x[functions == group, ])
  whole <- whole[complete.cases(whole), ]
  for (squared in c(FALSE, TRUE)) {
    h <- semTools::htmt(measured, sample.cov = cov(as.data.frame(x[functions == group, ]), use = "pairwise"),
                        htmt2 = squared)
    for (i in 2:4) for (j in seq_len(i - 1)) {
      add(paste(names(loadings)[j], names(loadings)[i]), group, if (squared) "htmt2" else "htmt", h[i, j])
    }
  }
  general("all", group, measured, names(loadings), whole)
}
hs <- read.csv(file.path(Sys.getenv("ALIGNMARK_REAL_DATA", file.path("..", "shared", "data")),
                         "psychometrics", "HolzingerSwineford1939.csv"))
general("HolzingerSwineford1939", "both", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9",
        c("visual", "textual", "speed"), hs)
# Polychoric correlations and their one-factor model.
poly <- psych::polychoric(as.data.frame(x[, 1:4]))$rho
fit <- exact(paste("f =~", paste(colnames(poly), collapse = " + ")), NULL, sample.cov = poly, sample.nobs = n,
             sample.cov.rescale = FALSE)
for (i in 1:4) for (j in seq_len(i - 1)) add("polychoric", "both", paste0("r_", j, i), poly[j, i])
add("polychoric", "both", "omega_total", suppressWarnings(suppressMessages(semTools::reliability(fit)["omega", 1])))
add("polychoric", "both", "omega_hierarchical", suppressMessages(compRelSEM(fit)[[1]]))
write.csv(rows, "tests/reference/reliability.csv", row.names = FALSE, quote = FALSE)
write.csv(items, "tests/reference/reliability_items.csv", row.names = FALSE, quote = FALSE)
