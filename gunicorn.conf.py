"""How the web server runs, in a clone and in production alike. WEB_CONCURRENCY and the command line override it."""

wsgi_app = "intake.wsgi"
worker_class = "intake.web_worker.DrainingWorker"  # threads, none of which waits for a client
threads = 4
preload_app = True  # a missing setting ends the master in one line, instead of worker after worker
timeout = 60  # seconds; the slowest answer is an export
graceful_timeout = 30  # seconds for requests under way when the server stops
max_requests = 100_000  # a worker that ends in a rush is missed: ten thousand are the requests of one minute
max_requests_jitter = 50_000
loglevel = "warning"
logger_class = "intake.web_worker.AccessLogger"
accesslog = "-"  # standard output: one JSON line an answer, without paths
forwarder_headers = ""  # no SCRIPT_NAME or PATH_INFO from a client, even through a trusted proxy
control_socket_disable = True  # nobody commands the server but its signals
