# Reference values for analysis/infer/crosstab.py and analysis/infer/multiplicity.py.
# Writes the invented answers, crosstab_data.csv, and the values, crosstab.csv and multiplicity.csv, beside this script.
# Run from the repository's root: Rscript tests/reference/crosstab.R
suppressMessages(library(survey))

set.seed(20260607)
companies <- 36
company <- rep(seq_len(companies), sample(2:9, companies, replace = TRUE))
n <- length(company)
data <- data.frame(
  company = sprintf("c%02d", company),
  stratum = c("north", "south", "west")[company %% 3 + 1],
  weight = round(runif(companies, 0.5, 3)[company], 3),
  function_ = sample(c("sales", "marketing"), n, replace = TRUE),
  size = c("1-49", "50-249", "250+")[sample(1:3, companies, replace = TRUE)][company]
)
level <- rnorm(companies, 0, 0.7)[company] + 0.6 * (data$function_ == "sales")
data$goals <- pmin(5, pmax(1, round(3.1 + level + rnorm(n, 0, 0.9))))
data$goals[sample(n, 12)] <- NA
data$unsure <- ifelse(is.na(data$goals) & runif(n) < 0.6, 1, 0)
data$crm <- rbinom(n, 1, plogis(level))
data$chat <- rbinom(n, 1, 0.3)
blank <- sample(n, 9)
data$crm[blank] <- NA
data$chat[blank] <- NA
write.csv(data, "tests/reference/crosstab_data.csv", row.names = FALSE, quote = FALSE, na = "")

design <- svydesign(ids = ~company, strata = ~stratum, weights = ~weight, data = data)
answered <- !is.na(data$goals)
rows <- list(
  "goals/exclude/Agree" = ifelse(answered, 100 * (data$goals == 4), NA),
  "goals/exclude/Top 2 box" = ifelse(answered, 100 * (data$goals >= 4), NA),
  "goals/exclude/Bottom 2 box" = ifelse(answered, 100 * (data$goals <= 2), NA),
  "goals/exclude/Mean" = data$goals,
  "goals/show/Agree" = ifelse(answered | data$unsure == 1, 100 * (answered & data$goals %in% 4), NA),
  "goals/show/Don't know" = ifelse(answered | data$unsure == 1, 100 * data$unsure, NA),
  "tools/exclude/CRM" = 100 * data$crm,
  "tools/exclude/Any" = 100 * pmax(data$crm, data$chat)
)
# Companies, strata and companies of these strata with a value: degrees of freedom, and the factor for few companies.
few <- function(used) {
  g <- length(unique(data$company[used]))
  reach <- length(unique(data$company[data$stratum %in% data$stratum[used]]))
  c(clusters = g, df = g - length(unique(data$stratum[used])), few = g / (g - 1) * (reach - 1) / reach)
}
out <- data.frame()
add <- function(row, head, what, estimate, std_error, df) {
  p <- 2 * pt(-abs(estimate / std_error), df)
  values <- list(estimate = estimate, std_error = std_error, df = df, p_value = p)
  out <<- rbind(out, data.frame(row, head, what, lapply(values, function(v) sprintf("%.12g", as.numeric(v)))))
}
for (name in names(rows)) {
  design$variables$y <- rows[[name]]
  for (head in c("function_", "size")) {
    used <- subset(design, !is.na(y))
    by <- svyby(~y, as.formula(paste0("~", head)), used, svymean, covmat = TRUE)
    V <- vcov(by)
    found <- lapply(rownames(by), function(v) few(!is.na(design$variables$y) & data[[head]] == v))
    scale <- sqrt(sapply(found, `[[`, "few"))
    V <- V * outer(scale, scale)
    df <- sapply(found, `[[`, "df")
    m <- coef(by)
    for (i in seq_along(m)) add(name, head, rownames(by)[i], m[i], sqrt(V[i, i]), df[i])
    for (i in seq_along(m)) for (j in seq_along(m)) if (i < j) {
      contrast <- rep(0, length(m))
      contrast[c(i, j)] <- c(1, -1)
      se <- sqrt(drop(contrast %*% V %*% contrast))
      welch <- (V[i, i] + V[j, j])^2 / (V[i, i]^2 / df[i] + V[j, j]^2 / df[j])
      both <- few(!is.na(design$variables$y) & data[[head]] %in% rownames(by)[c(i, j)])[["df"]]
      add(name, head, paste(rownames(by)[i], rownames(by)[j], sep = "|"), m[i] - m[j], se, min(welch, both))
    }
  }
}
write.csv(out, "tests/reference/crosstab.csv", row.names = FALSE)

p <- c(0.001, 0.008, 0.012, 0.012, 0.031, 0.04, 0.2, 0.5, 0.9, NA)
write.csv(
  data.frame(p, holm = sprintf("%.12g", p.adjust(p, "holm")), bh = sprintf("%.12g", p.adjust(p, "BH"))),
  "tests/reference/multiplicity.csv", row.names = FALSE
)
