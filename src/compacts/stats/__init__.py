"""Estimators that the notebooks need and no light library gives, each tested against something foreign.

``models``      logit, ordered logit and multinomial logit (statsmodels underneath), one result type for all
``firth``       logit with Firth's penalty, profile intervals, likelihood-ratio tests
``firth_multinomial``  the same for more than two outcomes; ``ascent`` climbs for both
``separation``  which covariates leave a likelihood without a maximum
``margins``     average marginal effects with delta-method intervals, in percentage points
``multiplicity``  several tests at once (Holm)
``comparison``  the same covariates for two outcomes of the same units, with clustered covariance
``proportions`` shares with intervals, and a share of machine codes corrected by readers
``stratified``  the mean of a stratified sample of texts that recur; ``standardised`` a difference at the same composition
``shares``      two shares compared, with the rules of a verdict
``bounds``      what an index can be when facts are missing
``concentration``  Herfindahl-Hirschman index, Gini, Lorenz curve, without the largest
``rankings``    overlap of shares, units in common, agreement of order
``trend``       a line in time that steps and bends
``panel``       Poisson with fixed effects, event time, smallest detectable effect; ``permuted`` shuffles the group
``survival``    how long things last: curves with late entry and log-log intervals, remaining life, a bound where nothing ended
``log_rank``    the log-rank test by permutation
``hazards``     hazard ratios of one covariate, with Firth's penalty where few ended
``agreement``   Krippendorff's alpha with a bootstrap interval; ``second_reader`` what a second reader makes of a difference
``dsl``         machine codes corrected by a sample of expert codes (design-based supervised learning); ``dsl_moments`` solves
``tipping_point``  at which error of coding a difference is undone; ``wrong_codes`` by how many wrong codes
``wild_bootstrap`` wild cluster bootstrap of a linear regression, for few clusters; ``wild_draws`` makes its draws
``randomization``  randomization inference of a declared assignment; ``assignments`` lists them
``endorsement`` the states, outcomes and covariates of the endorsement models
``glm_batch``   thousands of logits or Poisson regressions at once (``glm_stack`` their input, ``glm_climb`` the iterations,
                ``glm_sandwich`` covariances, ``glm_results`` and ``glm_effects`` what they give)
``specification_curve``  one estimate by every combination of declared choices; ``curve_summary`` and ``curve_inference``
"""
