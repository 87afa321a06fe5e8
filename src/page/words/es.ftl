# Las palabras de la página de espera en español.

figure-group = .
figure-point = ,
figure = { NUMBER($n) }
price = { $amount } { $currency }
price-range = de { $from } a { $to }

welcome = Hay una cola para esta venta
welcome-more = Únase a ella y su puesto queda guardado.
welcome-sold-out = Todavía puede unirse por si vuelven entradas a la venta, pero nadie puede prometerlo.
early = Está en la cola
early-more = La venta aún no ha empezado. Su puesto está guardado y esta página avanza sola.
waiting = Está en la cola
waiting-more = Deje esta página abierta; le avisa cuando sea su turno.
next = Es la siguiente persona
next-more = Ya no hay nadie delante. Quédese aquí: su turno puede llegar en cualquier momento.
next-still = Ya no hay nadie delante. Quédese aquí: es la siguiente persona en cuanto la cola siga.
returning = No estaba cuando llegó su turno
returning-more = Su puesto está guardado. Quédese aquí y se le llamará en cuanto se vuelva a llegar a su número.
returning-next = Su turno llegó cuando no estaba: ahora es la siguiente persona
returning-next-more = Su puesto está guardado. Quédese aquí y se le llamará a continuación.
missed = El tiempo para entrar se ha agotado y vuelve a ser la siguiente persona
missed-more = Su puesto está guardado. Quédese aquí y se le llamará otra vez; entonces entre enseguida.
waits-sold-out = Su puesto está guardado. Aún pueden volver entradas a la venta, pero nadie puede prometerlo: no hace falta que espere.
called = Es su turno
called-more = Entre ahora. Lo que elija en la tienda se guardará para usted.
called-nothing-free = Puede entrar, pero no hay nada libre mientras no vuelvan entradas a la venta.
inside = Está en la tienda
inside-more = Lo que ponga en su cesta en la tienda queda guardado. No espere demasiado: una visita con la cesta vacía termina al cabo de un rato, para que entren otras personas.
left = Ya no está en la cola
left-more = Gracias por venir. Para volver, hay que ponerse al final.
ended = Ya no está en la cola
ended-more = Su visita ha terminado. Para volver, hay que ponerse al final.
moved = Su lugar está en su otro dispositivo
moved-more = Siga allí. Para traerlo de vuelta, pida allí un código.
redirected = Continúe en otro sitio, por favor
redirected-more = Se pide a todas las personas de la cola que continúen en otro sitio. Su número sigue siendo suyo si esta cola continúa.
closed = La venta ha terminado
closed-more = Ya no se llama a nadie. Gracias por su paciencia.

opens = La venta empieza: { $at }.
opens-later = La hora de inicio aún no está fijada. Esta página la mostrará en cuanto lo esté.
paused = Ahora mismo no se llama a nadie. Su puesto está guardado y la cola seguirá desde aquí.
nobody-called = Ahora mismo no se llama a nadie.
shop-away = La tienda no responde en este momento, así que no se llama a nadie. Su puesto se conserva y todo sigue por sí solo.
stopped = El reloj está parado ahora mismo. No se llama a nadie, nadie pierde tiempo ni su puesto, y todo seguirá desde aquí.
time-stopped = El reloj está parado ahora mismo. Su tiempo no se agota, y todo seguirá desde aquí.
halted = Tenemos un problema técnico en este momento. El reloj está parado, nada caduca y todo sigue por sí solo.
status-low = { $left ->
    [one] Solo queda una entrada.
   *[other] Solo quedan { NUMBER($left) } entradas.
}
status-in-baskets = { $units ->
    [one] Ahora mismo no hay entradas libres. Una está en una cesta y puede volver.
   *[other] Ahora mismo no hay entradas libres. { NUMBER($units) } están en cestas y algunas pueden volver.
}
status-in-baskets-at = { $units ->
    [one] Ahora mismo no hay entradas libres. Una está en una cesta; puede volver hacia las { $at }.
   *[other] Ahora mismo no hay entradas libres. { NUMBER($units) } están en cestas; la primera puede volver hacia las { $at }.
}
status-sold-out = Todo está vendido.
status-as-of = Lo que quedaba se conoce con datos de las { $at }. Vienen cifras más recientes.
status-not-reported = Aún no se sabe lo que queda.

number = Su número en la cola
ahead = Delante de usted
ahead-nobody = nadie, es la siguiente persona
ahead-between = { $from } a { $to }
progress = Recorrido hasta ahora
progress-percent = { $percent } %
wait = Espera estimada
wait-minutes = { $from } a { $to } min
claim-left = Tiempo para entrar
then-seconds = { $n ->
    [one] Cuando sea su turno, tendrá un segundo para entrar.
   *[other] Cuando sea su turno, tendrá { $n } segundos para entrar.
}
then-minutes = { $n ->
    [one] Cuando sea su turno, tendrá un minuto para entrar.
   *[other] Cuando sea su turno, tendrá { $n } minutos para entrar.
}

join = Unirse a la cola
claim = Entrar ahora
shop = Ir a la tienda
go-there = Ir allí ahora
warning = Su turno se acaba pronto. Entre ahora para conservarlo.
idle-left = Su visita termina, si no hace nada en la tienda, en
idle-warning = Su visita termina pronto. Siga en la tienda o diga que sigue aquí.
stay = Sigo aquí
reload = Recargar esta página no cambia nada: conserva su puesto, también en otra pestaña o tras una pausa.
remind = Haga otra cosa sin preocuparse
sound = Reproducir un sonido cuando sea mi turno
notify = Avisarme cuando sea mi turno
give-up-question = ¿Dejar su puesto?
give-up-more = Su puesto se pierde para siempre. Para volver, hay que ponerse al final.
give-up = Dejar mi puesto
leave-question = ¿Salir de la tienda?
leave-more = Lo que ha comprado es suyo. Lo que está en su cesta se devuelve y se llama a otra persona.
leave = Salir de la tienda
move-question = ¿Seguir en otro dispositivo?
move-more = Recibe un código para escribirlo allí. Este dispositivo muestra entonces dónde está su lugar.
move = Mostrar un código
code-is = Su código:
code-more = Abra esta página en el otro dispositivo, elija «Tengo un código» y escríbalo en menos de diez minutos. Sirve una vez; quien lo tiene, tiene su lugar.
arrive-question = Tengo un código de otro dispositivo
code = El código
arrive = Seguir aquí

left-heading = Lo que queda
performance = Función
availability = Disponibilidad
available = { $n ->
    [one] { NUMBER($n) } disponible
   *[other] { NUMBER($n) } disponibles
}
available-low = { $n ->
    [one] queda una
   *[other] quedan { NUMBER($n) }
}
in-baskets = { $n ->
    [one] ninguna libre, una en una cesta
   *[other] ninguna libre, { NUMBER($n) } en cestas
}
in-baskets-at = { $n ->
    [one] ninguna libre, una en una cesta; puede volver hacia las { $at }
   *[other] ninguna libre, { NUMBER($n) } en cestas; la primera puede volver hacia las { $at }
}
sold-out = agotado
as-of = { $n ->
    [0] con datos de las { $at }, no había ninguna disponible
    [one] con datos de las { $at }, había una disponible
   *[other] con datos de las { $at }, había { NUMBER($n) } disponibles
}
not-reported = aún no se sabe
also-in-baskets = { $n ->
    [one] una en una cesta
   *[other] { NUMBER($n) } en cestas
}
also-sold = { $n ->
    [one] { NUMBER($n) } vendida
   *[other] { NUMBER($n) } vendidas
}
more-performances = { $n ->
    [one] y una función más
   *[other] y { NUMBER($n) } funciones más
}

try-again = No ha funcionado. Inténtelo de nuevo en un momento; su puesto está guardado.
code-wrong = Este código no vale, o ya no. Pida uno nuevo en el dispositivo que tiene el lugar.
lost = Ahora mismo no hay conexión. Su puesto está guardado; esta página sigue sola en cuanto la haya.

# On a server that stands by for another one.
away-title = Un momento, por favor
away-kept = Su lugar en la cola está guardado, y también todo lo que hay en su cesta.
away-again = Estamos cambiando a otra máquina. Esta página sigue por sí sola en unos segundos; no tiene que hacer nada.

# At an address at which there is no page.
nowhere-title = Esta página no existe
nowhere-more = Revise la dirección o siga un enlace del sitio que le trajo aquí.

# When the shop behind the gate does not answer.
down-title = La tienda no responde en este momento
down-refused = La tienda no le deja entrar en este momento
down-kept = Su lugar está guardado mientras esta página esté abierta.
down-again = Volverá a intentarlo por sí sola en unos segundos; no tiene que hacer nada.
down-sent = Puede que lo que envió no haya llegado. Vuelva atrás e inténtelo de nuevo en un momento.
