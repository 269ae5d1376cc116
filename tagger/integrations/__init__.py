"""Where people work: Arrow tables, clusters, spaCy, the Hub, notebooks; each library is imported on first use.

``arrow`` has the one schema of tables of answers; ``tag_batch`` fills it, batch by batch, for whatever calls a function
on batches (``datasets``, Ray, Spark, pandas).
"""
