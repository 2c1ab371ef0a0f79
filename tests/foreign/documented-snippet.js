// The snippet of the BoostGPT documentation ("Sign a JWT on Your Backend"), to the letter but for two lines:
// where the secret comes from, and the export.
const jwt = require('jsonwebtoken');

const SSO_SECRET = process.env.BOOSTGPT_SSO_SECRET;

function createWidgetToken(user) {
  return jwt.sign({
    email: user.email,         // required
    name: user.name,           // optional
    external_id: user.id,      // optional — your user ID for tracking
  }, SSO_SECRET, { expiresIn: '1h' });
}

module.exports = { createWidgetToken };
