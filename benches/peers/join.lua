-- Joins: every request is a new visitor.
wrk.method = "POST"
