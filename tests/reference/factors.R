# Reference values for the factor models, made with R lavaan and psych.
# Simulates factors_data.csv (answers, some missing, of two functions in companies, and ordinal ones), then writes
# factors.csv: model, what, term, value. Run from the repository's root: Rscript tests/reference/factors.R
suppressMessages({library(lavaan); library(psych)})
set.seed(7)

# Two functions with 150 respondents each in 30 companies; the factors correlate, answers have heavy tails, and
# marketing and sales understand q3 and q7 differently.
n <- 300
company <- rep(seq_len(30), 10)
fn <- rep(c("marketing", "sales"), each = 150)
shared <- matrix(rnorm(30 * 3, sd = 0.5), 30)[company, ]
trait <- shared + matrix(rnorm(n * 3), n) %*% chol(matrix(c(1, .4, .3, .4, 1, .5, .3, .5, 1), 3))
trait <- trait + outer(fn == "sales", c(0.3, 0, -0.2))
loadings <- c(.9, .7, .8, 1, .6, .8, .9, .7, .8)
x <- trait[, rep(1:3, each = 3)] * rep(loadings, each = n) + matrix(rt(n * 9, 5), n) * 0.6 + 3
x[fn == "sales", c(3, 7)] <- x[fn == "sales", c(3, 7)] + 0.6
colnames(x) <- paste0("q", 1:9)
data <- data.frame(fn = fn, company = company, round(x, 3))
ordinal <- as.data.frame(apply(x[, 1:6], 2, function(v) as.integer(cut(v, c(-Inf, 1.5, 2.6, 3.4, 4.5, Inf)))))
ordinal$q5 <- as.integer(x[, 5] > 3.2)
ordinal$q6 <- as.integer(x[, 6] > 4.6)
names(ordinal) <- paste0("o", 1:6)
items <- paste0("q", 1:9)
for (q in items) data[runif(n) < 0.05 + 0.1 * (q == "q5") * (x[, 1] > 3), q] <- NA
for (o in names(ordinal)) ordinal[runif(n) < 0.05, o] <- NA
data <- cbind(data, ordinal)
write.csv(data, "tests/reference/factors_data.csv", row.names = FALSE, na = "")
data <- read.csv("tests/reference/factors_data.csv")
data$nested <- paste(data$fn, data$company)

model <- "f1 =~ q1 + q2 + q3
          f2 =~ q4 + q5 + q6
          f3 =~ q7 + q8 + q9"
rows <- list()
add <- function(model, what, term, value) {
  rows[[length(rows) + 1]] <<- data.frame(model = model, what = what, term = term, value = as.numeric(value))
}
fit <- function(..., frame = data) {
  cfa(model, frame, ..., em.h1.tol = 1e-11, em.h1.iter.max = 10000)
}
parameters <- function(name, f) {
  p <- parTable(f)
  s <- standardizedSolution(f)
  group <- if (max(p$group) > 1) paste0(lavInspect(f, "group.label")[p$group], ": ") else ""
  term <- paste0(group, p$lhs, p$op, p$rhs)[p$op != "=="]
  add(name, "estimate", term, p$est[p$op != "=="])
  add(name, "std_error", term, p$se[p$op != "=="])
  add(name, "standardised", term, s$est.std)
  add(name, "standardised_error", term, s$se)
}
measures <- c(
  n = "ntotal", n_free = "npar", logl = "logl", aic = "aic", bic = "bic", chisq = "chisq", df = "df",
  p_value = "pvalue", scaling_factor = "chisq.scaling.factor", chisq_scaled = "chisq.scaled",
  p_value_scaled = "pvalue.scaled", baseline_chisq = "baseline.chisq", baseline_df = "baseline.df",
  baseline_scaling_factor = "baseline.chisq.scaling.factor", cfi = "cfi", tli = "tli", rmsea = "rmsea",
  rmsea_low = "rmsea.ci.lower", rmsea_high = "rmsea.ci.upper", srmr = "srmr", cfi_robust = "cfi.robust",
  tli_robust = "tli.robust", rmsea_robust = "rmsea.robust", rmsea_robust_low = "rmsea.ci.lower.robust",
  rmsea_robust_high = "rmsea.ci.upper.robust"
)
all_of <- function(name, f) {
  found <- fitMeasures(f)
  add(name, "fit", names(measures), found[measures])
  parameters(name, f)
}
modifications <- function(name, f) {
  m <- modindices(f)
  m <- m[m$op == "=~" | (m$op == "~~" & m$lhs != m$rhs), ]
  group <- if (is.null(m$group)) "" else paste0(lavInspect(f, "group.label")[m$group], ": ")
  add(name, "mi", paste0(group, m$lhs, m$op, m$rhs), m$mi)
  add(name, "epc", paste0(group, m$lhs, m$op, m$rhs), m$epc)
  add(name, "sepc", paste0(group, m$lhs, m$op, m$rhs), m$sepc.all)
}
releases <- function(name, f) {
  u <- lavTestScore(f)$uni
  p <- parTable(f)
  at <- match(u$lhs, p$plabel)
  add(name, "release", paste0(p$lhs, p$op, p$rhs)[at], u$X2)
}

one <- list(
  ml = fit(), mlr = fit(estimator = "MLR"), cluster = fit(estimator = "MLR", cluster = "company"),
  fiml = fit(missing = "fiml"), fiml_mlr = fit(missing = "fiml", estimator = "MLR"),
  fiml_cluster = fit(missing = "fiml", estimator = "MLR", cluster = "company"),
  unit = fit(std.lv = TRUE)
)
for (name in names(one)) all_of(name, one[[name]])
for (name in c("ml", "fiml")) modifications(name, one[[name]])
r <- residuals(one$ml, type = "cor.bollen")$cov
add("ml", "residual", paste(rownames(r)[row(r)[lower.tri(r)]], colnames(r)[col(r)[lower.tri(r)]]), r[lower.tri(r)])

levels <- list(
  configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
  residual = c("loadings", "intercepts", "residuals")
)
sets <- list(
  ml = list(), fiml_mlr = list(missing = "fiml", estimator = "MLR"), mlr = list(estimator = "MLR"),
  cluster = list(estimator = "MLR", cluster = "nested")
)
for (set in names(sets)) {
  fits <- lapply(levels, function(equal) do.call(fit, c(list(group = "fn", group.equal = equal), sets[[set]])))
  for (level in names(fits)) all_of(paste(set, level), fits[[level]])
  if (set %in% c("ml", "fiml_mlr")) modifications(paste(set, "scalar"), fits$scalar)
  if (set == "ml") {
    releases("ml scalar", fits$scalar)
    partial <- fit(group = "fn", group.equal = levels$scalar, group.partial = c("q3~1", "q7~1"))
    all_of("ml partial", partial)
  }
  # The metric model with the scalar model's factor means as fixed values: the same model, in which lavaan's test of
  # 2010 finds the scalar model's moments; with means fixed at 0 it does not.
  at <- coef(fits$scalar)
  fixed <- paste0(c("f1", "f2", "f3"), " ~ c(0, ", format(at[paste0(c("f1", "f2", "f3"), "~1.g2")], digits = 15), ")*1")
  moved <- paste(c(model, fixed), collapse = "\n")
  shifted <- do.call("cfa", c(list(moved, data, group = "fn", group.equal = "loadings", em.h1.tol = 1e-11,
                                 em.h1.iter.max = 10000), sets[[set]]))
  methods <- if (set == "ml") "default" else c("satorra.bentler.2001", "satorra.bentler.2010")
  for (method in methods) {
    for (level in 2:4) {
      free <- if (level == 3 && set != "ml") shifted else fits[[level - 1]]
      t <- lavTestLRT(free, fits[[level]], method = method)
      what <- c(default = "difference", satorra.bentler.2001 = "2001", satorra.bentler.2010 = "2010")[[method]]
      add(paste(set, names(fits)[level]), what, c("chisq", "df", "p_value"), t[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")])
    }
  }
}

o <- data[, paste0("o", 1:6)]
p <- lavCor(o, ordered = names(o), missing = "pairwise")
q <- psych::polychoric(o[, 1:4], correct = 0)$rho
add("polychoric", "lavaan", paste(rownames(p)[row(p)[lower.tri(p)]], colnames(p)[col(p)[lower.tri(p)]]), p[lower.tri(p)])
add("polychoric", "psych", paste(rownames(q)[row(q)[lower.tri(q)]], colnames(q)[col(q)[lower.tri(q)]]), q[lower.tri(q)])
t <- lavCor(o, ordered = names(o), missing = "pairwise", output = "fit")
pt <- parTable(t)
add("polychoric", "threshold", paste0(pt$lhs, pt$op, pt$rhs)[pt$op == "|"], pt$est[pt$op == "|"])

reference <- do.call(rbind, rows)
reference$value <- ifelse(is.na(reference$value), "", formatC(reference$value, digits = 9, format = "g"))
write.csv(reference, "tests/reference/factors.csv", row.names = FALSE, quote = FALSE)
