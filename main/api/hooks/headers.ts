/** Where Grafana puts its signature unless told otherwise. */
export const SIGNATURE = 'X-Grafana-Alerting-Signature'
/** Grafana signs no time unless it is given a name to send it by: this one. */
export const TIMESTAMP = 'X-Grafana-Alerting-Timestamp'
