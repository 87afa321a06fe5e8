-- Polls: each request carries the place token of the next visitor of a sample.
-- Arguments: a file with one token a line, the path.
local requests, at = {}, 0

function init(arguments)
   for token in io.lines(arguments[1]) do
      local headers = { ["Authorization"] = "Bearer " .. token }
      requests[#requests + 1] = wrk.format("GET", arguments[2], headers)
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end
