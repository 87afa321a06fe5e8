-- Asks Stanchion whether a request may pass. The answer is left in two variables of the request:
-- txn.answer is the status (200: it may, 401: its visitor has to wait), txn.wait is where.
-- Whatever goes wrong, nobody passes.

local stanchion = "http://127.0.0.1:8080/v1/ask?as=status"

-- What it decides by besides: who the visitor is, what they read, and what rules may look at.
local told = { "cookie", "accept", "user-agent" }

core.register_action("ask_stanchion", { "http-req" }, function(txn)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-uri"] = { txn.f:pathq() },
        ["x-forwarded-method"] = { txn.f:method() },
        ["x-forwarded-for"] = { txn.f:src() },
    }
    if sent["host"] then
        headers["x-forwarded-host"] = { sent["host"][0] }
    end
    for _, name in ipairs(told) do
        if sent[name] then
            headers[name] = {}
            for at = 0, #sent[name] do
                table.insert(headers[name], sent[name][at])
            end
        end
    end
    local answer = core.httpclient():get({ url = stanchion, headers = headers, timeout = 2000 })
    txn:set_var("txn.answer", tostring(answer.status))
    local wait = answer.headers and answer.headers["x-stanchion-wait"]
    if wait then
        txn:set_var("txn.wait", wait[0])
    end
end)
