-- Requests of visitors: each carries the place token of the next one of a sample.
-- Arguments: a file with one token a line, the path, the header that carries it and what stands
-- before it there; without these two, as programs send it.
local requests, at = {}, 0

function init(arguments)
   local name, before = arguments[3] or "Authorization", arguments[4] or "Bearer "
   for token in io.lines(arguments[1]) do
      requests[#requests + 1] = wrk.format("GET", arguments[2], { [name] = before .. token })
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
