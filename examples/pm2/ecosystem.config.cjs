// pm2 start ecosystem.config.cjs: four workers, and one collector that adds up what they measure. PM2's own master runs no phanos.
const socket = '/tmp/phanos.sock';

module.exports = {
  apps: [
    {
      name: 'collector',
      script: 'node_modules/phanos/dist/esm/cli/main.js',
      args: `collect --socket ${socket} --listen 127.0.0.1:9464`,
      // A second one would find the socket taken.
      instances: 1,
      exec_mode: 'fork',
    },
    {
      name: 'greeter',
      script: 'server.js',
      instances: 4,
      exec_mode: 'cluster',
      env: { PHANOS_COLLECTOR: `unix:${socket}` },
    },
  ],
};
