# Reference values for agreement, ICC and shrinkage on simulated informants (multilevel, lme4), written to informants.csv
# beside this script; the answers themselves to informants_data.csv.
# Run from the repository's root: Rscript tests/reference/informants.R
# 40 companies of 1 to 9 informants, three items of 1-7, 4% missing. "even" has no company effect at all.
suppressMessages({library(multilevel); library(lme4)})
set.seed(20251)
sizes <- sample(1:9, 40, replace = TRUE)
sizes[1:3] <- c(1, 2, 9)
company <- rep(seq_along(sizes), sizes)
u <- rnorm(40, sd = 0.7)[company]
trait <- rnorm(length(company), sd = 0.8)
item <- function() pmin(7, pmax(1, round(4.6 + u + trait + rnorm(length(company), sd = 0.6))))
d <- data.frame(company, q1 = item(), q2 = item(), q3 = item())
d[company == 4, c("q1", "q2", "q3")] <- 7
for (q in c("q1", "q2", "q3")) d[runif(nrow(d)) < 0.04, q] <- NA
d$even <- round(rnorm(nrow(d), 50, 10), 3)
d$even <- d$even - ave(d$even, d$company) + 50
write.csv(d, file.path("tests", "reference", "informants_data.csv"), row.names = FALSE)
d <- read.csv(file.path("tests", "reference", "informants_data.csv"))

out <- data.frame()
add <- function(measure, variable, group, value) {
  out <<- rbind(out, data.frame(measure, variable, group = as.character(group), value = sprintf("%.12g", value)))
}
x <- d[, c("q1", "q2", "q3")]
uniform <- 4
r <- rwg.j(x, d$company, ranvar = uniform); add("rwg_j", "q", r$grpid, r$rwg.j); add("n", "q", r$grpid, r$gsize)
r <- rwg.j(x, d$company, ranvar = 2.9); add("rwg_j_slight_skew", "q", r$grpid, r$rwg.j)
r <- rwg.j(x, d$company, ranvar = 2.1); add("rwg_j_triangular", "q", r$grpid, r$rwg.j)
r <- rwg.j.lindell(x, d$company, ranvar = uniform); add("rwg_lindell", "q", r$grpid, r$rwg.lindell)
r <- ad.m(x, d$company); add("ad", "q", r$grpid, r$AD.M)
r <- ad.m(x, d$company, type = "median"); add("ad_median", "q", r$grpid, r$AD.M)
r <- suppressWarnings(awg(x, d$company, range = c(1, 7))); add("awg", "q", r$grpid, r$a.wg)
for (q in c("q1", "q2", "q3")) {
  r <- rwg(d[[q]], d$company, ranvar = uniform); add("rwg", q, r$grpid, r$rwg)
  r <- awg(d[[q]], d$company, range = c(1, 7)); add("awg", q, r$grpid, r$a.wg)
}

for (v in c("q1", "score", "even")) {
  y <- if (v == "score") rowMeans(x) else d[[v]]
  a <- aov(y ~ as.factor(company), data = d)
  add("icc1", v, "", ICC1(a)); add("icc2", v, "", ICC2(a))
  add("f", v, "", summary(a)[[1]][1, 4]); add("p_value", v, "", summary(a)[[1]][1, 5])
  m <- lmer(y ~ 1 + (1 | company), data = data.frame(y, company = d$company),
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.01, rhoend = 1e-12, maxfun = 1e5),
                                  check.conv.singular = "ignore"))
  tau2 <- as.numeric(VarCorr(m)[[1]]); sigma2 <- sigma(m)^2
  add("tau2", v, "", tau2); add("sigma2", v, "", sigma2); add("mu", v, "", fixef(m)); add("mu_se", v, "", sqrt(vcov(m)[1, 1]))
  add("icc1_reml", v, "", tau2 / (tau2 + sigma2))
  e <- ranef(m, condVar = TRUE)$company
  se <- sqrt(as.numeric(attr(e, "postVar")))
  add("ranef", v, rownames(e), e[, 1]); add("cond_se", v, rownames(e), se)
  n <- tapply(!is.na(y), d$company, sum); n <- n[n > 0]
  add("reliability", v, names(n), n * tau2 / (n * tau2 + sigma2))
}
write.csv(out, file.path("tests", "reference", "informants.csv"), row.names = FALSE, quote = FALSE)
