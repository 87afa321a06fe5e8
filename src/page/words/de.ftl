# Die Worte der Warteseite auf Deutsch.

figure-group = .
figure-point = ,
figure = { NUMBER($n) }
price = { $amount } { $currency }
price-range = { $from } bis { $to }

welcome = Für diesen Verkauf gibt es eine Warteschlange
welcome-more = Stellen Sie sich an, dann ist Ihr Platz sicher.
welcome-sold-out = Sie können sich noch anstellen, falls Karten in den Verkauf zurückkommen, aber das kann niemand versprechen.
early = Sie stehen in der Warteschlange
early-more = Der Verkauf hat noch nicht begonnen. Ihr Platz ist sicher, und diese Seite geht von selbst weiter.
waiting = Sie stehen in der Warteschlange
waiting-more = Lassen Sie diese Seite offen; sie sagt Ihnen, wann Sie an der Reihe sind.
next = Sie sind als Nächstes dran
next-more = Vor Ihnen ist niemand mehr. Bleiben Sie hier: Sie können jeden Moment an der Reihe sein.
next-still = Vor Ihnen ist niemand mehr. Bleiben Sie hier: Sobald es weitergeht, sind Sie als Nächstes dran.
returning = Sie waren nicht hier, als Sie an der Reihe waren
returning-more = Ihr Platz ist sicher. Bleiben Sie hier, dann werden Sie aufgerufen, sobald Ihre Nummer wieder erreicht ist.
returning-next = Sie waren an der Reihe, als Sie nicht hier waren: Sie sind als Nächstes dran
returning-next-more = Ihr Platz ist sicher. Bleiben Sie hier, dann sind Sie als Nächstes dran.
missed = Die Zeit zum Eintreten ist abgelaufen, und Sie sind wieder als Nächstes dran
missed-more = Ihr Platz ist sicher. Bleiben Sie hier, dann werden Sie noch einmal aufgerufen; treten Sie dann gleich ein.
waits-sold-out = Ihr Platz ist sicher. Es können noch Karten in den Verkauf zurückkommen, aber das kann niemand versprechen: Sie müssen nicht warten.
called = Sie sind an der Reihe
called-more = Treten Sie jetzt ein. Was Sie im Shop auswählen, wird dann für Sie gehalten.
called-nothing-free = Sie können eintreten, aber es ist nichts frei, solange keine Karten in den Verkauf zurückkommen.
inside = Sie sind im Shop
inside-more = Was Sie dort in Ihren Warenkorb legen, ist für Sie gehalten. Warten Sie nicht zu lange: Ein Besuch mit leerem Warenkorb endet nach einer Weile, damit andere hineinkommen.
left = Sie stehen nicht mehr in der Warteschlange
left-more = Danke, dass Sie hier waren. Wer zurückkommt, stellt sich hinten an.
ended = Sie stehen nicht mehr in der Warteschlange
ended-more = Ihr Besuch ist zu Ende. Wer zurückkommt, stellt sich hinten an.
moved = Ihr Platz ist auf Ihrem anderen Gerät
moved-more = Machen Sie dort weiter. Um ihn hierher zurückzuholen, lassen Sie sich dort einen Code zeigen.
redirected = Bitte machen Sie anderswo weiter
redirected-more = Alle Wartenden werden gebeten, anderswo weiterzumachen. Ihre Nummer bleibt Ihre, falls es hier weitergeht.
closed = Der Verkauf ist beendet
closed-more = Es wird niemand mehr aufgerufen. Danke für Ihre Geduld.

opens = Der Verkauf beginnt: { $at }.
opens-later = Der Beginn steht noch nicht fest. Diese Seite zeigt ihn, sobald er feststeht.
paused = Im Moment wird niemand aufgerufen. Ihr Platz ist sicher, und von dort geht es weiter.
nobody-called = Im Moment wird niemand aufgerufen.
shop-away = Der Shop antwortet gerade nicht, deshalb wird niemand aufgerufen. Ihr Platz bleibt Ihnen, und es geht von selbst weiter.
stopped = Die Uhr steht im Moment still. Niemand wird aufgerufen, niemand verliert Zeit oder einen Platz, und von hier geht es weiter.
time-stopped = Die Uhr steht im Moment still. Ihre Zeit läuft nicht ab, und von hier geht es weiter.
halted = Wir haben gerade eine technische Störung. Die Uhr ist angehalten, nichts läuft ab, und es geht von selbst weiter.
status-low = { $left ->
    [one] Es gibt nur noch eine Karte.
   *[other] Es gibt nur noch { NUMBER($left) } Karten.
}
status-in-baskets = { $units ->
    [one] Im Moment ist keine Karte frei. Eine liegt in einem Warenkorb und kann zurückkommen.
   *[other] Im Moment ist keine Karte frei. { NUMBER($units) } liegen in Warenkörben, manche können zurückkommen.
}
status-in-baskets-at = { $units ->
    [one] Im Moment ist keine Karte frei. Eine liegt in einem Warenkorb; sie kann gegen { $at } zurückkommen.
   *[other] Im Moment ist keine Karte frei. { NUMBER($units) } liegen in Warenkörben; die erste kann gegen { $at } zurückkommen.
}
status-sold-out = Alles ist verkauft.
status-as-of = Was übrig war, ist mit Stand { $at } bekannt. Neuere Zahlen kommen noch.
status-not-reported = Was übrig ist, ist noch nicht bekannt.

number = Ihre Wartenummer
ahead = Vor Ihnen
ahead-nobody = niemand, Sie sind als Nächstes dran
ahead-between = { $from } bis { $to }
progress = Bisher geschafft
progress-percent = { $percent } %
wait = Geschätzte Wartezeit
wait-minutes = { $from } bis { $to } Min.
claim-left = Zeit zum Eintreten
then-seconds = { $n ->
    [one] Wenn Sie an der Reihe sind, haben Sie eine Sekunde, um einzutreten.
   *[other] Wenn Sie an der Reihe sind, haben Sie { $n } Sekunden, um einzutreten.
}
then-minutes = { $n ->
    [one] Wenn Sie an der Reihe sind, haben Sie eine Minute, um einzutreten.
   *[other] Wenn Sie an der Reihe sind, haben Sie { $n } Minuten, um einzutreten.
}

join = Anstellen
claim = Jetzt eintreten
shop = Zum Shop
go-there = Jetzt dorthin gehen
warning = Ihre Zeit läuft gleich ab. Treten Sie jetzt ein, um sie zu nutzen.
idle-left = Ihr Besuch endet, wenn Sie im Shop nichts tun, in
idle-warning = Ihr Besuch endet bald. Machen Sie im Shop weiter, oder sagen Sie, dass Sie noch hier sind.
stay = Ich bin noch hier
reload = Neu laden schadet nicht: Sie behalten Ihren Platz, auch in einem zweiten Tab oder nach einer Pause.
remind = Wegschauen ohne Sorge
sound = Ton abspielen, wenn ich an der Reihe bin
notify = Benachrichtigen, wenn ich an der Reihe bin
give-up-question = Platz aufgeben?
give-up-more = Ihr Platz ist dann endgültig weg. Wer zurückkommt, stellt sich hinten an.
give-up = Meinen Platz aufgeben
leave-question = Den Shop verlassen?
leave-more = Was Sie gekauft haben, gehört Ihnen. Was im Warenkorb liegt, geht zurück, und jemand anderes wird aufgerufen.
leave = Den Shop verlassen
move-question = Auf einem anderen Gerät weitermachen?
move-more = Sie bekommen einen Code, den Sie dort eingeben. Dieses Gerät zeigt dann, wo Ihr Platz ist.
move = Code zeigen
code-is = Ihr Code:
code-more = Öffnen Sie diese Seite auf dem anderen Gerät, wählen Sie „Ich habe einen Code“ und geben Sie ihn innerhalb von zehn Minuten ein. Er gilt einmal; wer ihn hat, hat Ihren Platz.
arrive-question = Ich habe einen Code von einem anderen Gerät
code = Der Code
arrive = Hier weitermachen

left-heading = Was noch übrig ist
performance = Vorstellung
availability = Verfügbarkeit
available = { NUMBER($n) } verfügbar
available-low = { $n ->
    [one] noch eine Karte
   *[other] noch { NUMBER($n) } Karten
}
in-baskets = { $n ->
    [one] gerade keine frei, eine in einem Warenkorb
   *[other] gerade keine frei, { NUMBER($n) } in Warenkörben
}
in-baskets-at = { $n ->
    [one] gerade keine frei, eine in einem Warenkorb; sie kann gegen { $at } zurückkommen
   *[other] gerade keine frei, { NUMBER($n) } in Warenkörben; die erste kann gegen { $at } zurückkommen
}
sold-out = ausverkauft
as-of = { $n ->
    [0] mit Stand { $at } waren keine verfügbar
    [one] mit Stand { $at } war eine verfügbar
   *[other] mit Stand { $at } waren { NUMBER($n) } verfügbar
}
not-reported = noch nicht bekannt
also-in-baskets = { $n ->
    [one] eine in einem Warenkorb
   *[other] { NUMBER($n) } in Warenkörben
}
also-sold = { NUMBER($n) } verkauft
more-performances = { $n ->
    [one] und eine weitere Vorstellung
   *[other] und { NUMBER($n) } weitere Vorstellungen
}

try-again = Das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal; Ihr Platz ist sicher.
code-wrong = Dieser Code gilt nicht oder nicht mehr. Lassen Sie sich auf dem Gerät, das den Platz hat, einen neuen zeigen.
lost = Im Moment keine Verbindung. Ihr Platz ist sicher; diese Seite geht von selbst weiter, sobald es wieder eine gibt.

# On a server that stands by for another one.
away-title = Einen Moment bitte
away-kept = Ihr Platz in der Warteschlange ist sicher, und alles in Ihrem Warenkorb auch.
away-again = Wir wechseln gerade auf einen anderen Rechner. Diese Seite geht in wenigen Sekunden von selbst weiter; Sie müssen nichts tun.

# At an address at which there is no page.
nowhere-title = Diese Seite gibt es nicht
nowhere-more = Sehen Sie sich die Adresse noch einmal an, oder folgen Sie einem Link der Website, von der Sie kommen.

# When the shop behind the gate does not answer.
down-title = Der Shop antwortet gerade nicht
down-refused = Der Shop lässt Sie gerade nicht herein
down-kept = Ihr Platz bleibt Ihnen, solange diese Seite offen ist.
down-again = Sie versucht es in wenigen Sekunden von selbst noch einmal; Sie müssen nichts tun.
down-sent = Was Sie abgeschickt haben, ist vielleicht nicht angekommen. Gehen Sie zurück und versuchen Sie es gleich noch einmal.
