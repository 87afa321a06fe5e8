-- Requests of visitors: each carries the place token of the next one of a sample.
-- Arguments: a file with one token a line, the path, the header that carries it and what stands
-- before it there; without these two, as programs send it. Then further headers, name and value.
local requests, at = {}, 0

function init(arguments)
   local name, before = arguments[3] or "Authorization", arguments[4] or "Bearer "
   local headers = {}
   for more = 5, #arguments, 2 do
      headers[arguments[more]] = arguments[more + 1]
   end
   for token in io.lines(arguments[1]) do
      headers[name] = before .. token
      requests[#requests + 1] = wrk.format("GET", arguments[2], headers)
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
