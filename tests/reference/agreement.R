# Reference values for analysis/measure/agreement.py, written to agreement.csv beside this script.
# Run from the repository's root: Rscript tests/reference/agreement.R
# The data (bh1996, from the multilevel package; corporate reputation, from Hair et al. 2017) are not committed.
suppressMessages({library(multilevel); library(lme4)})

data <- Sys.getenv("ALIGNMARK_REAL_DATA", file.path("..", "shared", "data"))
out <- data.frame()
add <- function(dataset, measure, variable, group, value) {
  out <<- rbind(out, data.frame(dataset, measure, variable, group = as.character(group),
                                value = sprintf("%.12g", value)))
}

bh <- read.csv(file.path(data, "agreement", "bh1996.csv"))
scales <- c("COHES", "LEAD", "WBEING")
for (v in c(scales, "HRS")) {
  m <- aov(bh[[v]] ~ as.factor(bh$GRP))
  add("bh1996", "icc1", v, "", ICC1(m))
  add("bh1996", "icc2", v, "", ICC2(m))
  r <- rwg(bh[[v]], bh$GRP, ranvar = 2)
  add("bh1996", "rwg", v, r$grpid, r$rwg)
  a <- ad.m(bh[[v]], bh$GRP)
  add("bh1996", "ad", v, a$grpid, a$AD.M)
}
j <- rwg.j(bh[, scales], bh$GRP, ranvar = 2)
add("bh1996", "rwg_j", paste(scales, collapse = " "), j$grpid, j$rwg.j)
a <- ad.m(bh[, scales], bh$GRP)
add("bh1996", "ad", paste(scales, collapse = " "), a$grpid, a$AD.M)

l <- rwg.j.lindell(bh[, scales], bh$GRP, ranvar = 2)
add("bh1996", "rwg_lindell", paste(scales, collapse = " "), l$grpid, l$rwg.lindell)
w <- awg(bh[, scales], bh$GRP, range = c(1, 5))
add("bh1996", "awg", paste(scales, collapse = " "), w$grpid, w$a.wg)
a <- ad.m(bh[, scales], bh$GRP, type = "median")
add("bh1996", "ad_median", paste(scales, collapse = " "), a$grpid, a$AD.M)
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.01, rhoend = 1e-12, maxfun = 1e5))
for (v in scales) {
  m <- lmer(bh[[v]] ~ 1 + (1 | bh$GRP), control = control)
  tau2 <- as.numeric(VarCorr(m)[[1]])
  rho <- tau2 / (tau2 + sigma(m)^2)
  n <- tapply(bh[[v]], bh$GRP, length)
  add("bh1996", "icc1_reml", v, "", rho)
  add("bh1996", "icc2_reml", v, "", mean(n) * rho / (1 + (mean(n) - 1) * rho))
  add("bh1996", "mean_reliability", v, "", mean(n * rho / (1 + (n - 1) * rho)))
  add("bh1996", "shrunk", v, names(n), fixef(m) + ranef(m)[[1]][, 1])
}

# The first 300 people answer with gaps: every 7th COHES, every 11th LEAD is missing. Group 0 has one person.
gaps <- bh[1:300, c("GRP", scales)]
gaps$COHES[seq(7, 300, 7)] <- NA
gaps$LEAD[seq(11, 300, 11)] <- NA
gaps$GRP[1] <- 0
j <- rwg.j(gaps[, scales], gaps$GRP, ranvar = 2)
add("gaps", "rwg_j", paste(scales, collapse = " "), j$grpid, j$rwg.j)
add("gaps", "n", paste(scales, collapse = " "), j$grpid, j$gsize)
a <- ad.m(gaps[, scales], gaps$GRP)
add("gaps", "ad", paste(scales, collapse = " "), a$grpid, a$AD.M)

rep <- read.csv(file.path(data, "agreement", "corporate_reputation.csv"))
rep[rep == -99] <- NA
for (scale in c("comp", "cusl", "qual")) {
  x <- rep[, grep(paste0("^", scale, "_[0-9]+$"), names(rep))]
  j <- rwg.j(x, rep$serviceprovider, ranvar = (7^2 - 1) / 12)
  add("reputation", "rwg_j", scale, j$grpid, j$rwg.j)
  add("reputation", "n", scale, j$grpid, j$gsize)
  a <- ad.m(x, rep$serviceprovider)
  add("reputation", "ad", scale, a$grpid, a$AD.M)
  m <- aov(rowMeans(x) ~ as.factor(rep$serviceprovider))
  add("reputation", "icc1", scale, "", ICC1(m))
  add("reputation", "icc2", scale, "", ICC2(m))
}
write.csv(out, file.path("tests", "reference", "agreement.csv"), row.names = FALSE, quote = FALSE)
