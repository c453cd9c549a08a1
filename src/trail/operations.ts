/** CloudTrail's operations on trails, which are loaded when one is first called (`cloudtrail/operations/`). */
export const trailOperations: ReadonlySet<string> = namesIn(`
  AddTags CreateTrail DeleteTrail DescribeTrails GetEventSelectors GetInsightSelectors GetTrail GetTrailStatus
  ListPublicKeys ListTags ListTrails PutEventSelectors RemoveTags StartLogging StopLogging UpdateTrail
`)

/** Its other operations, beside LookupEvents: known by name, so that the answer can say that they are not here. */
export const absentOperations: ReadonlySet<string> = namesIn(`
  CancelQuery CreateChannel CreateDashboard CreateEventDataStore DeleteChannel DeleteDashboard
  DeleteEventDataStore DeleteResourcePolicy DeregisterOrganizationDelegatedAdmin DescribeQuery DisableFederation
  EnableFederation GenerateQuery GetChannel GetDashboard GetEventDataStore GetImport GetQueryResults
  GetResourcePolicy ListChannels ListDashboards ListEventDataStores ListImportFailures ListImports
  ListInsightsMetricData ListQueries PutInsightSelectors PutResourcePolicy RegisterOrganizationDelegatedAdmin
  RestoreEventDataStore SearchSampleQueries StartDashboardRefresh StartEventDataStoreIngestion StartImport
  StartQuery StopEventDataStoreIngestion StopImport UpdateChannel UpdateDashboard UpdateEventDataStore
`)

function namesIn(text: string): Set<string> {
  return new Set(text.trim().split(/\s+/))
}
