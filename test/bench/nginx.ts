/** nginx as a plain reverse proxy, set up as for a stream of events. */

/** One worker in the foreground; nothing is buffered and connections to the mock are kept. */
export const nginxConfiguration = ({
  port,
  mockPort,
  directory,
}: {
  readonly port: number;
  readonly mockPort: number;
  readonly directory: string;
}): string => `
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${directory}/nginx-${port}.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  client_max_body_size 0;
  keepalive_requests 100000000;
  keepalive_timeout 300s;
  upstream mock {
    server 127.0.0.1:${mockPort};
    keepalive 256;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass http://mock;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`;
