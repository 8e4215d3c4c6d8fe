"""The GraphQL documents of the page of forecasts beside those its panels make."""

from __future__ import annotations

from types import MappingProxyType

FORECAST_MODELS = """
query ForecastModels($after: Cursor) {
  organisation { timezone }
  forecastRuns(first: 3) {
    nodes {
      id kind reason status step progress requestedAt startedAt endedAt promoted verdict
      errorMessage
    }
  }
  updates: forecastModels(first: 100, filter: { kinds: [PERIODS], origins: [UPDATED] }) {
    nodes { version rootId status trainedThrough }
    pageInfo { hasNextPage }
  }
  forecastModels(first: 8, after: $after, filter: { kinds: [PERIODS], origins: [TRAINED] }) {
    nodes {
      id version family origin status verdict series horizon firstSeen lastSeen
      trainedThrough trainedAt promotedAt metrics baselines
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

TRAIN = """
mutation TrainForecast { trainForecast { run { id status } } }
"""

RETRAIN = """
mutation RetrainForecast { retrainForecast { run { id status } } }
"""

PROMOTE = """
mutation PromoteForecastModel($input: ForecastModelInput!) {
  promoteForecastModel(input: $input) { run { id } }
}
"""

ROLL_BACK = """
mutation RollBackForecastModel { rollBackForecastModel { run { id } } }
"""

FORECAST_FEED = """
subscription ForecastFeed {
  feed(topics: [SALES, FORECASTS], snapshot: false) {
    __typename
    ... on FeedEvent { cursor kind recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""

FORECAST_DOCUMENTS = MappingProxyType(
    {
        "models": FORECAST_MODELS,
        "train": TRAIN,
        "retrain": RETRAIN,
        "promote": PROMOTE,
        "rollBack": ROLL_BACK,
        "feed": FORECAST_FEED,
    }
)
"""All of them; a test validates each."""
