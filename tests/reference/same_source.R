# Reference values for analysis/infer: marker variable, cross-informant slopes, Harman's share, early against late,
# silent functions and the register; the data (same_source_data.csv, register_data.csv) and same_source.csv.
# Run from the repository's root: Rscript tests/reference/same_source.R
suppressMessages({library(sandwich); library(lmtest)})
set.seed(11)
companies <- 60
cells <- expand.grid(company = seq_len(companies), wave = c(2024, 2025))
quality <- rnorm(companies)[cells$company]
views <- do.call(rbind, lapply(c("sales", "marketing"), function(name) {
  mood <- rnorm(nrow(cells))
  data.frame(cells, "function" = name,
             goals = 55 + 8 * quality + 6 * mood + rnorm(nrow(cells), 0, 4),
             trust = 50 + 6 * quality + 7 * mood + rnorm(nrow(cells), 0, 5),
             marker = 60 + 4 * mood + rnorm(nrow(cells), 0, 8),
             growth = 5 + 2 * quality + 3 * mood + rnorm(nrow(cells), 0, 3) + (cells$wave == 2025), check.names = FALSE)
}))
names(views)[3] <- "function"
views$growth[sample(nrow(views), 8)] <- NA
views$marker[sample(nrow(views), 5)] <- NA
views <- views[-sample(nrow(views), 30), ] # silent functions
views[c("goals", "trust", "marker", "growth")] <- round(views[c("goals", "trust", "marker", "growth")], 3)
write.csv(views, "tests/reference/same_source_data.csv", row.names = FALSE, quote = FALSE, na = "")
f <- views[["function"]]

out <- data.frame()
add <- function(check, key, value) out <<- rbind(out, data.frame(check, key, value = sprintf("%.12g", value)))

for (name in c("sales", "marketing")) for (year in c(2024, 2025)) {
  x <- views[f == name & views$wave == year, c("goals", "trust", "growth", "marker")]
  r <- cor(x, use = "pairwise")
  shared <- sort(r["marker", 1:3][r["marker", 1:3] > 0])
  for (rank in 1:2) for (construct in c("goals", "trust")) {
    n <- sum(complete.cases(x[c(construct, "growth")]))
    rm <- shared[min(rank, length(shared))]
    adjusted <- (r[construct, "growth"] - rm) / (1 - rm)
    t <- adjusted / sqrt((1 - adjusted^2) / (n - 3))
    key <- paste(name, year, construct, rank)
    add("marker adjusted", key, adjusted)
    add("marker p", key, 2 * pt(-abs(t), n - 3))
    add("marker low", key, tanh(atanh(adjusted) - qnorm(0.975) / sqrt(n - 4)))
  }
}

for (rater in c("sales", "marketing")) for (construct in c("goals", "trust")) {
  other <- setdiff(c("sales", "marketing"), rater)
  both <- merge(views[f == rater, c("company", "wave", construct, "growth")],
                views[f == other, c("company", "wave", "growth")], by = c("company", "wave"))
  names(both) <- c("company", "wave", "x", "own", "others")
  both <- both[complete.cases(both), ]
  for (y in c("own", "others", "gap")) {
    both$gap <- both$own - both$others # the difference of two slopes is the slope of the difference
    fit <- lm(reformulate(c("x", "factor(wave)"), y), both)
    v <- vcovCL(fit, cluster = ~company, type = "HC1")
    g <- length(unique(both$company))
    test <- coeftest(fit, v, df = g - 1)["x", ]
    for (i in 1:4) add(c("slope", "error", "t", "p")[i], paste(rater, construct, y), test[i])
    add("n", paste(rater, construct, y), nrow(both))
  }
}

answers <- read.csv("tests/reference/reliability_data.csv")
for (name in c("sales", "marketing")) {
  x <- answers[answers[["function."]] == name, -(1:2)]
  x$goals3 <- 6 - x$goals3
  add("harman", name, 100 * eigen(cov2cor(cov(x, use = "pairwise")))$values[1] / ncol(x))
}

one <- views[f == "sales" & views$wave == 2025, ]
one <- one[order(one$company), ]
quarter <- seq_len(round(nrow(one) / 4))
early <- one$goals[one$company <= quantile(one$company, 0.25)]
late <- one$goals[one$company >= quantile(one$company, 0.75)]
add("tost", "p_equivalence", max(t.test(late, early, mu = -6, alternative = "greater")$p.value,
                                 t.test(late, early, mu = 6, alternative = "less")$p.value))
add("tost", "low", t.test(late, early, conf.level = 0.9)$conf.int[1])
add("tost", "p_value", t.test(late, early)$p.value)
for (year in c(2024, 2025)) {
  x <- views[f == "sales" & views$wave == year, ]
  alone <- !(x$company %in% views$company[f == "marketing" & views$wave == year])
  test <- t.test(x$goals[alone], x$goals[!alone])
  add("silent", paste(year, "estimate"), diff(rev(test$estimate)))
  add("silent", paste(year, "p"), test$p.value)
}

facts <- data.frame(company = 1:90, size = sample(c("small", "medium", "large"), 90, TRUE, c(5, 3, 2)),
                    region = sample(c("north", "south", NA), 90, TRUE, c(6, 4, 1)), revenue = round(exp(rnorm(90, 3, 1)), 2))
facts$revenue[c(7, 50)] <- NA
facts$answered <- runif(90) < ifelse(facts$size == "large", 0.6, 0.35)
write.csv(facts, "tests/reference/register_data.csv", row.names = FALSE, quote = FALSE, na = "")
facts$region[is.na(facts$region)] <- "not stated"
for (name in c("size", "region")) {
  test <- suppressWarnings(chisq.test(table(facts[[name]], facts$answered), correct = FALSE))
  add("chi-square", paste(name, "statistic"), test$statistic)
  add("chi-square", paste(name, "p"), test$p.value)
  for (category in unique(facts[[name]])) {
    p <- tapply(facts[[name]] == category, facts$answered, mean)
    add("difference", paste(name, category),
        (p[["TRUE"]] - p[["FALSE"]]) / sqrt((p[["TRUE"]] * (1 - p[["TRUE"]]) + p[["FALSE"]] * (1 - p[["FALSE"]])) / 2))
  }
}
a <- facts$revenue[facts$answered]
b <- facts$revenue[!facts$answered]
test <- t.test(a, b)
add("welch", "statistic", test$statistic)
add("welch", "df", test$parameter)
add("welch", "p", test$p.value)
add("difference", "revenue mean", (mean(a, na.rm = TRUE) - mean(b, na.rm = TRUE)) /
      sqrt((var(a, na.rm = TRUE) + var(b, na.rm = TRUE)) / 2))
write.csv(out, "tests/reference/same_source.csv", row.names = FALSE, quote = FALSE)
