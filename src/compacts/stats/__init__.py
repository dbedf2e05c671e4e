"""Estimators that the notebooks need and no light library gives, each tested against something foreign.

``models``      logit, ordered logit and multinomial logit (statsmodels underneath), one result type for all
``firth``       logit with Firth's penalty, profile intervals, likelihood-ratio tests
``firth_multinomial``  the same for more than two outcomes; ``ascent`` climbs for both
``separation``  which covariates leave a likelihood without a maximum
``margins``     average marginal effects with delta-method intervals, in percentage points
``comparison``  the same covariates for two outcomes of the same units, with clustered covariance
``proportions`` shares with intervals, and a share of machine codes corrected by readers
``shares``      two shares compared, with the rules of a verdict
``bounds``      what an index can be when facts are missing
``concentration``  Herfindahl-Hirschman index, Gini, Lorenz curve, without the largest
``rankings``    overlap of shares, units in common, agreement of order
``trend``       a line in time that steps and bends
``panel``       Poisson with fixed effects, event time, smallest detectable effect; ``permuted`` shuffles the group
``survival``    how long things last: curves with late entry and log-log intervals, remaining life, a bound where nothing ended
``log_rank``    the log-rank test by permutation
``hazards``     hazard ratios of one covariate, with Firth's penalty where few ended
``endorsement`` the states, outcomes and covariates of the endorsement models
"""
