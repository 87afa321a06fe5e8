# Les mots de la page d’attente en français.

figure-group = {"\u202F"}
figure-point = ,
figure = { NUMBER($n) }
price = { $amount } { $currency }
price-range = { $from } à { $to }

welcome = Il y a une file d’attente pour cette vente
welcome-more = Rejoignez-la, et votre place est gardée.
welcome-sold-out = Vous pouvez encore rejoindre la file au cas où des billets seraient remis en vente, mais personne ne peut le promettre.
early = Vous êtes dans la file d’attente
early-more = La vente n’est pas encore ouverte. Votre place est gardée, et cette page avance d’elle-même.
waiting = Vous êtes dans la file d’attente
waiting-more = Laissez cette page ouverte ; elle vous dit quand c’est votre tour.
next = Vous êtes le prochain ou la prochaine
next-more = Il n’y a plus personne devant vous. Restez ici : votre tour peut venir à tout moment.
next-still = Il n’y a plus personne devant vous. Restez ici : vous passez au prochain appel dès que la file reprend.
returning = Vous étiez absent quand votre tour est venu
returning-more = Votre place est gardée. Restez ici : on vous appelle dès que votre numéro est de nouveau atteint.
returning-next = Votre tour est venu en votre absence : vous passez au prochain appel
returning-next-more = Votre place est gardée. Restez ici, et vous passez au prochain appel.
missed = Le temps pour entrer est écoulé, et vous passez de nouveau au prochain appel
missed-more = Votre place est gardée. Restez ici, et on vous appelle encore ; entrez alors tout de suite.
waits-sold-out = Votre place est gardée. Des billets peuvent encore être remis en vente, mais personne ne peut le promettre : rien ne vous oblige à attendre.
called = C’est votre tour
called-more = Entrez maintenant. Ce que vous choisissez dans la boutique est ensuite gardé pour vous.
called-nothing-free = Vous pouvez entrer, mais rien n’est libre tant qu’aucun billet n’est remis en vente.
inside = Vous êtes dans la boutique
inside-more = Ce que vous y mettez dans votre panier est gardé pour vous. N’attendez pas trop : une visite au panier vide prend fin après un moment, pour que d’autres entrent.
left = Vous n’êtes plus dans la file d’attente
left-more = Merci d’être venu. Pour revenir, il faut se remettre à la fin.
ended = Vous n’êtes plus dans la file d’attente
ended-more = Votre visite est terminée. Pour revenir, il faut se remettre à la fin.
moved = Votre place est sur votre autre appareil
moved-more = Continuez là-bas. Pour la ramener ici, demandez-y un code.
redirected = Veuillez continuer ailleurs
redirected-more = Toutes les personnes qui attendent sont priées de continuer ailleurs. Votre numéro reste le vôtre si cette file reprend.
closed = La vente est terminée
closed-more = On n’appelle plus personne. Merci de votre patience.

opens = La vente ouvre : { $at }.
opens-later = L’heure d’ouverture n’est pas encore fixée. Cette page l’indiquera dès qu’elle le sera.
paused = On n’appelle personne pour le moment. Votre place est gardée, et la file reprendra d’ici.
nobody-called = On n’appelle personne pour le moment.
shop-away = La boutique ne répond pas pour le moment, donc personne n’est appelé. Votre place est gardée, et tout reprend de lui-même.
stopped = L’horloge est arrêtée pour le moment. Personne n’est appelé, ne perd de temps ni de place, et tout reprendra d’ici.
time-stopped = L’horloge est arrêtée pour le moment. Votre temps ne s’écoule pas, et tout reprendra de là.
halted = Nous avons un problème technique en ce moment. L’horloge est arrêtée, rien n’expire, et tout reprend de lui-même.
status-low = { $left ->
    [one] Il ne reste qu’un billet.
   *[other] Il ne reste que { NUMBER($left) } billets.
}
status-in-baskets = { $units ->
    [one] Aucun billet libre pour l’instant. Un billet est dans un panier et peut revenir.
   *[other] Aucun billet libre pour l’instant. { NUMBER($units) } sont dans des paniers, certains peuvent revenir.
}
status-in-baskets-at = { $units ->
    [one] Aucun billet libre pour l’instant. Un billet est dans un panier ; il peut revenir vers { $at }.
   *[other] Aucun billet libre pour l’instant. { NUMBER($units) } sont dans des paniers ; le premier peut revenir vers { $at }.
}
status-sold-out = Tout est vendu.
status-as-of = Ce qui restait est connu tel qu’à { $at }. Des chiffres plus récents suivent.
status-not-reported = Ce qui reste n’est pas encore connu.

number = Votre numéro dans la file
ahead = Devant vous
ahead-nobody = personne, c’est bientôt à vous
ahead-between = { $from } à { $to }
progress = Déjà parcouru
progress-percent = { $percent } %
wait = Attente estimée
wait-minutes = { $from } à { $to } min
claim-left = Temps pour entrer
then-seconds = { $n ->
    [one] Quand ce sera votre tour, vous aurez une seconde pour entrer.
   *[other] Quand ce sera votre tour, vous aurez { $n } secondes pour entrer.
}
then-minutes = { $n ->
    [one] Quand ce sera votre tour, vous aurez une minute pour entrer.
   *[other] Quand ce sera votre tour, vous aurez { $n } minutes pour entrer.
}

join = Rejoindre la file
claim = Entrer maintenant
shop = Aller à la boutique
go-there = Y aller maintenant
warning = Votre tour prend bientôt fin. Entrez maintenant pour le garder.
idle-left = Votre visite se termine, si vous ne faites rien dans la boutique, dans
idle-warning = Votre visite se termine bientôt. Continuez dans la boutique, ou dites que vous êtes toujours là.
stay = Je suis toujours là
reload = Recharger cette page ne change rien : vous gardez votre place, aussi dans un second onglet ou après une pause.
remind = Faites autre chose sans crainte
sound = Jouer un son quand c’est mon tour
notify = M’avertir quand c’est mon tour
give-up-question = Abandonner votre place ?
give-up-more = Votre place est alors perdue pour de bon. Pour revenir, il faut se remettre à la fin.
give-up = Abandonner ma place
leave-question = Quitter la boutique ?
leave-more = Ce que vous avez acheté est à vous. Ce qui est dans votre panier est rendu, et quelqu’un d’autre est appelé.
leave = Quitter la boutique
move-question = Continuer sur un autre appareil ?
move-more = Vous recevez un code à saisir là-bas. Cet appareil indique ensuite où est votre place.
move = Afficher un code
code-is = Votre code :
code-more = Ouvrez cette page sur l’autre appareil, choisissez « J’ai un code » et saisissez-le dans les dix minutes. Il sert une fois ; qui l’a, a votre place.
arrive-question = J’ai un code d’un autre appareil
code = Le code
arrive = Continuer ici

left-heading = Ce qui reste
performance = Représentation
availability = Disponibilité
available = { $n ->
    [one] { NUMBER($n) } disponible
   *[other] { NUMBER($n) } disponibles
}
available-low = { $n ->
    [one] un seul restant
   *[other] plus que { NUMBER($n) }
}
in-baskets = { $n ->
    [one] aucun libre, un dans un panier
   *[other] aucun libre, { NUMBER($n) } dans des paniers
}
in-baskets-at = { $n ->
    [one] aucun libre, un dans un panier ; il peut revenir vers { $at }
   *[other] aucun libre, { NUMBER($n) } dans des paniers ; le premier peut revenir vers { $at }
}
sold-out = complet
as-of = { $n ->
    [0] à { $at }, aucun n’était disponible
    [one] à { $at }, { NUMBER($n) } était disponible
   *[other] à { $at }, { NUMBER($n) } étaient disponibles
}
not-reported = pas encore connu
also-in-baskets = { $n ->
    [one] un dans un panier
   *[other] { NUMBER($n) } dans des paniers
}
also-sold = { $n ->
    [one] { NUMBER($n) } vendu
   *[other] { NUMBER($n) } vendus
}
more-performances = { $n ->
    [one] et une autre représentation
   *[other] et { NUMBER($n) } autres représentations
}

try-again = Cela n’a pas fonctionné. Réessayez dans un instant ; votre place est gardée.
code-wrong = Ce code n’est pas valable, ou ne l’est plus. Demandez-en un nouveau sur l’appareil qui a la place.
lost = Pas de connexion pour le moment. Votre place est gardée ; cette page reprend d’elle-même dès que possible.

# On a server that stands by for another one.
away-title = Un instant, s’il vous plaît
away-kept = Votre place dans la file est gardée, et tout ce qui est dans votre panier aussi.
away-again = Nous passons à une autre machine. Cette page continue d’elle-même dans quelques secondes ; vous n’avez rien à faire.

# At an address at which there is no page.
nowhere-title = Cette page n’existe pas
nowhere-more = Vérifiez l’adresse, ou suivez un lien du site qui vous a amené ici.

# When the shop behind the gate does not answer.
down-title = La boutique ne répond pas pour le moment
down-refused = La boutique ne vous laisse pas entrer pour le moment
down-kept = Votre place est gardée tant que cette page est ouverte.
down-again = Elle réessaie d’elle-même dans quelques secondes ; vous n’avez rien à faire.
down-sent = Ce que vous avez envoyé n’est peut-être pas arrivé. Revenez en arrière et réessayez dans un instant.
