/** CloudTrail's other operations: known by name, so that the answer can say that they are not here. */
export const absentOperations: ReadonlySet<string> = new Set(
  `
  AddTags CancelQuery CreateChannel CreateDashboard CreateEventDataStore CreateTrail DeleteChannel
  DeleteDashboard DeleteEventDataStore DeleteResourcePolicy DeleteTrail DeregisterOrganizationDelegatedAdmin
  DescribeQuery DescribeTrails DisableFederation EnableFederation GenerateQuery GetChannel GetDashboard
  GetEventDataStore GetEventSelectors GetImport GetInsightSelectors GetQueryResults GetResourcePolicy
  GetTrail GetTrailStatus ListChannels ListDashboards ListEventDataStores ListImportFailures ListImports
  ListInsightsMetricData ListPublicKeys ListQueries ListTags ListTrails PutEventSelectors PutInsightSelectors
  PutResourcePolicy RegisterOrganizationDelegatedAdmin RemoveTags RestoreEventDataStore SearchSampleQueries
  StartDashboardRefresh StartEventDataStoreIngestion StartImport StartLogging StartQuery
  StopEventDataStoreIngestion StopImport StopLogging UpdateChannel UpdateDashboard UpdateEventDataStore
  UpdateTrail
`
    .trim()
    .split(/\s+/),
)
