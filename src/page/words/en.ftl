# The words of the waiting page in English. Other languages fall back to this file, message by
# message. A message that ends in -more stands below the one without.

# Figures: what stands between thousands, and before decimals.
figure-group = ,
figure-point = .
figure = { NUMBER($n) }
price = { $form ->
    [symbol] { $currency }{ $amount }
   *[code] { $currency } { $amount }
}
price-range = { $from } to { $to }

# Where the visitor stands.
welcome = There is a queue for this sale
welcome-more = Join it, and your place is kept.
welcome-sold-out = You can still join in case tickets come back on sale, but nobody can promise that.
early = You are in the queue
early-more = The sale has not opened yet. Your place is kept, and this page moves on by itself.
waiting = You are in the queue
waiting-more = Keep this page open; it tells you when it is your turn.
next = You are next
next-more = Nobody is ahead of you. Stay here: your turn can come at any moment.
next-still = Nobody is ahead of you. Stay here: you are next as soon as it goes on.
returning = You were away when your turn came
returning-more = Your place is kept. Stay here, and you are called as soon as calling comes back to your number.
returning-next = Your turn came while you were away: you are next
returning-next-more = Your place is kept. Stay here, and you are called next.
missed = The time to go in has run out, and you are next again
missed-more = Your place is kept. Stay here, and you are called again; then go in right away.
waits-sold-out = Your place is kept. Tickets may still come back on sale, but nobody can promise that: you need not wait.
called = It is your turn
called-more = Go in now. What you choose in the shop is then held for you.
called-nothing-free = You can go in, but nothing is free to choose unless tickets come back on sale.
inside = You are in
inside-more = What you put into your basket in the shop is held for you. Do not wait too long: an empty visit ends after a while, so that others get in.
left = You are no longer in the queue
left-more = Thank you for being here. To come back, you join at the end.
ended = You are no longer in the queue
ended-more = Your visit has ended. To come back, you join at the end.
moved = Your place is on your other device
moved-more = Go on there. To bring it back here, ask for a code there.
redirected = Please go on elsewhere
redirected-more = Everyone in the queue is asked to go on elsewhere. Your number stays yours in case this queue goes on.
closed = The sale is closed
closed-more = Nobody is called any more. Thank you for your patience.

# What is true of the night.
opens = The sale opens { $at }.
opens-later = The time of the opening is not set yet. This page shows it as soon as it is.
paused = Nobody is being called at the moment. Your place is kept, and it goes on from there.
nobody-called = Nobody is being called at the moment.
shop-away = The shop is not answering just now, so nobody is being called. Your place is kept, and it goes on by itself.
stopped = The clock stands still at the moment. Nobody is called, nobody loses time or a place, and it goes on from there.
time-stopped = The clock stands still at the moment. Your time does not run out, and it goes on from there.
halted = We have a technical problem at the moment. The clock is stopped, nothing runs out, and it all goes on by itself.
status-low = { $left ->
    [one] Only one ticket is left.
   *[other] Only { NUMBER($left) } tickets are left.
}
status-in-baskets = { $units ->
    [one] No tickets free right now. One is in a basket and may come back.
   *[other] No tickets free right now. { NUMBER($units) } are in baskets, and some may come back.
}
status-in-baskets-at = { $units ->
    [one] No tickets free right now. One is in a basket; it may come back at about { $at }.
   *[other] No tickets free right now. { NUMBER($units) } are in baskets; the first may come back at about { $at }.
}
status-sold-out = Everything is sold.
status-as-of = What was left is known as of { $at }. Newer figures are on their way.
status-not-reported = What is left is not known yet.

# Figures of the visitor. Names in braces are filled in as they change.
number = Your queue number
ahead = Ahead of you
ahead-nobody = nobody, you are next
ahead-between = { $from } to { $to }
progress = Done so far
progress-percent = { $percent } %
wait = Estimated wait
wait-minutes = { $from } to { $to } min
claim-left = Time left to go in
then-seconds = { $n ->
    [one] When it is your turn, you have one second to go in.
   *[other] When it is your turn, you have { $n } seconds to go in.
}
then-minutes = { $n ->
    [one] When it is your turn, you have one minute to go in.
   *[other] When it is your turn, you have { $n } minutes to go in.
}

# What can be done.
join = Join the queue
claim = Go in now
shop = Go to the shop
go-there = Go there now
warning = Your turn runs out soon. Go in now to keep it.
idle-left = Your visit ends, if nothing is heard of you in the shop, in
idle-warning = Your visit ends soon. Go on in the shop, or say that you are still here.
stay = I am still here
reload = Reloading this page is harmless: you keep your place, also in a second tab or after a break.
remind = Look away without worry
sound = Play a sound when it is my turn
notify = Notify me when it is my turn
give-up-question = Give up your place?
give-up-more = Your place goes for good. To come back, you join at the end.
give-up = Give up my place
leave-question = Leave the shop?
leave-more = What you have bought is yours. What is in your basket goes back, and somebody else is called.
leave = Leave the shop
move-question = Go on on another device?
move-more = You get a code to type in there. This device then shows where your place is.
move = Show me a code
code-is = Your code:
code-more = Open this page on the other device, choose “I have a code”, and type it in within ten minutes. It works once; whoever has it has your place.
arrive-question = I have a code from another device
code = The code
arrive = Go on here

# What is left.
left-heading = What is left
performance = Performance
availability = Availability
available = { NUMBER($n) } available
available-low = { $n ->
    [one] one left
   *[other] { NUMBER($n) } left
}
in-baskets = { $n ->
    [one] none free now, one in a basket
   *[other] none free now, { NUMBER($n) } in baskets
}
in-baskets-at = { $n ->
    [one] none free now, one in a basket; it may come back at about { $at }
   *[other] none free now, { NUMBER($n) } in baskets; the first may come back at about { $at }
}
sold-out = sold out
as-of = { $n ->
    [0] as of { $at }, none were available
    [one] as of { $at }, one was available
   *[other] as of { $at }, { NUMBER($n) } were available
}
not-reported = not known yet
also-in-baskets = { $n ->
    [one] one in a basket
   *[other] { NUMBER($n) } in baskets
}
also-sold = { NUMBER($n) } sold
more-performances = { $n ->
    [one] and one more performance
   *[other] and { NUMBER($n) } more performances
}

# When something goes wrong.
try-again = That did not work just now. Please try again in a moment; your place is kept.
code-wrong = This code is not good, or no longer. Ask for a new one on the device that has the place.
lost = No connection at the moment. Your place is kept; this page goes on by itself as soon as there is one.

# On a server that stands by for another one.
away-title = One moment, please
away-kept = Your place in the queue is kept, and so is everything in your basket.
away-again = We are changing over to another machine. This page goes on by itself in a few seconds; you need not do anything.

# At an address at which there is no page.
nowhere-title = There is no such page
nowhere-more = Look at the address again, or follow a link of the site that brought you here.

# When the shop behind the gate does not answer.
down-title = The shop does not answer right now
down-refused = The shop does not let you in right now
down-kept = Your place is kept as long as this page is open.
down-again = It tries again by itself in a few seconds; you need not do anything.
down-sent = What you sent may not have arrived. Go back and try again in a moment.
