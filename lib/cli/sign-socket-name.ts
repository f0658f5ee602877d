/** Names the socket on which `dwcp keys exec` signs to the command that it runs. */
export const signSocketVariable = 'DWCP_SIGN_SOCKET';
