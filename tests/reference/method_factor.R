# Reference values for analysis/measure/method_factor, made with R lavaan. Simulates method_factor_data.csv (answers
# of 60 companies with a mood in them, some missing; k1 to k3 are of a marker), then writes method_factor.csv:
# set, model, what, term, value. Run from the repository's root: Rscript tests/reference/method_factor.R
suppressMessages(library(lavaan))
set.seed(5)
n <- 420
company <- rep(seq_len(60), 7)
mood <- rnorm(n)
trait <- matrix(rnorm(60 * 3, sd = 0.5), 60)[company, ] + matrix(rnorm(n * 3), n) %*% chol(matrix(c(1, .4, .3, .4, 1, .5, .3, .5, 1), 3))
x <- trait[, rep(1:3, each = 3)] * rep(c(.9, .7, .8, 1, .6, .8, .9, .7, .8), each = n)
x <- x + outer(mood, c(.5, .4, -.3, .6, .5, -.2, .4, .6, .3)) + matrix(rt(n * 9, 6), n) * 0.6
k <- outer(mood, c(.8, .7, .6)) + matrix(rnorm(n * 3), n) * 0.7
data <- data.frame(company, round(cbind(x, k), 3))
names(data) <- c("company", paste0("q", 1:9), paste0("k", 1:3))
for (q in names(data)[-1]) data[runif(n) < 0.04, q] <- NA
write.csv(data, "tests/reference/method_factor_data.csv", row.names = FALSE, quote = FALSE, na = "")
data <- read.csv("tests/reference/method_factor_data.csv")

traits <- "f1 =~ q1 + q2 + q3\nf2 =~ q4 + q5 + q6\nf3 =~ q7 + q8 + q9\n"
apart <- "method ~~ 0*f1 + 0*f2 + 0*f3\n"
own <- "method =~ k1 + k2 + k3"
all <- function(label) paste0(" + ", paste0(label, "q", 1:9, collapse = " + "), "\n")
models <- list(
  marker = list(none = paste0(traits, own, "\n", apart), equal = paste0(traits, own, all("c*"), apart),
                free = paste0(traits, own, all(""), apart)),
  alone = list(none = traits,
               free = paste0(traits, "method =~ NA*q1", sub(" \\+ q1", "", all("")), "method ~~ 1*method\n", apart))
)
rows <- list()
add <- function(set, model, what, term, value) {
  rows[[length(rows) + 1]] <<- data.frame(set, model, what, term, value = as.numeric(value))
}
for (set in names(models)) {
  fits <- lapply(models[[set]], function(m) {
    cfa(m, data, estimator = "MLR", missing = "fiml", cluster = "company", em.h1.tol = 1e-11, em.h1.iter.max = 10000)
  })
  for (name in names(fits)) {
    f <- fits[[name]]
    measures <- c(chisq = "chisq.scaled", df = "df.scaled", p_value = "pvalue.scaled", srmr = "srmr", n = "ntotal")
    add(set, name, names(measures), "", fitMeasures(f)[measures])
    s <- standardizedSolution(f)
    s <- s[s$op == "=~" & s$lhs == "method" & grepl("^q", s$rhs), ]
    if (nrow(s)) add(set, name, "loading", s$rhs, s$est.std)
    r <- lavInspect(f, "cor.lv")[c("f1", "f2", "f3"), c("f1", "f2", "f3")]
    add(set, name, "correlation", c("f1 f2", "f1 f3", "f2 f3"), r[lower.tri(r)])
    if (name != "none") {
      t <- lavTestLRT(fits$none, f, method = "satorra.bentler.2001")
      add(set, name, c("delta_chisq", "delta_df", "delta_p"), "", t[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")])
    }
  }
}
reference <- do.call(rbind, rows)
reference$value <- formatC(reference$value, digits = 9, format = "g")
write.csv(reference, "tests/reference/method_factor.csv", row.names = FALSE, quote = FALSE)
