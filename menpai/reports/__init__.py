"""Reports for operators: cost and delivery of SMS, and the timeline of one number.

figures     counts, costs and waits by gateway, carrier, region, day or kind
table       figures as a table and as JSON
gauges      gauges for Prometheus
picture     figures as a PNG
timeline    events of one number or message, in order
"""
