"""Estimators that the notebooks need and no light library gives, each tested against something foreign.

``models``      logit, ordered logit and multinomial logit (statsmodels underneath), one result type for all
``firth``       logit with Firth's penalty, profile intervals, likelihood-ratio tests
``firth_multinomial``  the same for more than two outcomes; ``ascent`` climbs for both
``separation``  which covariates leave a likelihood without a maximum
``margins``     average marginal effects with delta-method intervals, in percentage points
``comparison``  the same covariates for two outcomes of the same units, with clustered covariance
``shares``      two shares compared, with the rules of a verdict
``bounds``      what an index can be when facts are missing
``endorsement`` the states, outcomes and covariates of the endorsement models
``glm_batch``   thousands of logits or Poisson regressions at once (``glm_stack`` their input, ``glm_climb`` the iterations,
                ``glm_sandwich`` covariances, ``glm_results`` and ``glm_effects`` what they give)
``specification_curve``  one estimate by every combination of declared choices; ``curve_summary`` and ``curve_inference``
"""
